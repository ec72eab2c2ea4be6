/** Pass: what is broadcast to the shape of the other operand is not written out before, as by the gradient of a mean. */
import { sameDims } from '../../onnx/dims';
import type { GraphPass } from '../passes';
import { replaced } from '../passes/pass';

/** Add and Mul broadcast by themselves, by the rules of Expand, without a tensor in between. */
export const broadcastByOperator: GraphPass = {
  name: 'broadcast-by-operator',
  stage: 'whole',
  layout: 'any',
  operators: ['Add', 'Mul'],
  rewrite(node, editor) {
    const whole = editor.shape(node.outputs[0]);
    const [a = '', b = ''] = node.inputs;
    if (whole === undefined) return 'the shape is not known';
    for (const [wide, narrow, put] of [
      [a, b, (x: string) => [a, x]],
      [b, a, (x: string) => [x, b]],
    ] as const) {
      const [source] = editor.producer(narrow, 'Expand')?.inputs ?? [];
      if (source === undefined || !sameDims(editor.shape(wide), whole)) continue;
      return replaced(node, (emit) => emit.op(node.opType, put(source)));
    }
    return 'no operand is broadcast to the shape of the other';
  },
};
