/** Pass: the sum of the squares of each row in one operator, where the CPU takes a matrix product. */
import type { GraphPass } from '../passes';
import { replaced } from '../passes/pass';
import { any, match, op } from '../passes/pattern';

const a = any('a');
const SQUARES = op('MatMul', a, op('Transpose', a));

/** `rowDots` of a tensor with itself: (R, 1, L) to (R, 1, 1). */
export const rowSquares: GraphPass = {
  name: 'row-squares',
  stage: 'whole',
  layout: 'any',
  operators: ['MatMul'],
  rewrite(product, editor) {
    const found = match(editor, product.outputs[0], SQUARES);
    if (found === undefined) return 'is not the product of a tensor with itself, transposed';
    const [rows, columns] = editor.shape(found.a)?.slice(-2) ?? [];
    if (rows !== 1 || columns === undefined || editor.shape(found.a)?.length !== 3)
      return 'not one row a matrix';
    return replaced(product, (emit) => emit.reduce('ReduceSumSquare', found.a, [2]));
  },
};
