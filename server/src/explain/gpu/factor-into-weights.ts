/** Pass: a constant factor behind a convolution goes into its weights, as that of the gradient of a mean. */
import type { GraphPass } from '../passes';
import { replaced } from '../passes/pass';

export const factorIntoWeights: GraphPass = {
  name: 'factor-into-weights',
  stage: 'whole',
  layout: 'any',
  operators: ['Mul'],
  rewrite(mul, editor) {
    const [a = '', b = ''] = mul.inputs;
    const [result, factor] = editor.number(a) === undefined ? [a, b] : [b, a];
    if (editor.number(factor) === undefined || editor.shape(factor)?.length !== 0)
      return 'no operand is a constant number';
    const conv = editor.producer(result, 'Conv');
    if (conv === undefined || editor.soleConsumer(result, 'Mul') !== mul)
      return 'is not all that reads a convolution';
    const [x = '', weights = '', ...bias] = conv.inputs;
    if (bias.length > 0 || !editor.isConstant(weights))
      return 'the convolution has a bias, or weights that are computed';
    return replaced(mul, (emit) =>
      emit.op('Conv', [x, emit.mul(weights, factor)], Object.fromEntries(conv.attributes)),
    );
  },
};
