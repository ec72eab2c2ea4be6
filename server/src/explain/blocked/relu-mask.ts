/** Pass: the gradient of a Relu as a product with zeros and ones, instead of a choice. */
import { float } from '../../onnx/builder';
import { sameDims } from '../../onnx/dims';
import type { GraphPass } from '../passes/pass';
import { replaced } from '../passes/pass';
import { any, match, op } from '../passes/pattern';

const GRADIENT = op('Where', op('Greater', any('y'), any('zero')), any('dy'), any('nothing'));

/** Makes 1 or more of every normal number: of a subnormal one, which many CPUs take for 0, it may make less. */
const STEEP = 2 ** 127;

/**
 * dy where y > 0, else 0, is dy min(max(2^127 y, 0), 1). Where goes over its operands three times on one thread and Greater once
 * (onnxruntime 1.30); HardSigmoid and Mul go over theirs once, with wide instructions, and Mul on all threads.
 */
export const reluMask: GraphPass = {
  name: 'relu-mask',
  stage: 'whole',
  layout: 'blocked',
  operators: ['Where'],
  rewrite(where, editor) {
    const found = match(editor, where.outputs[0], GRADIENT);
    const zeros = editor.number(found?.zero) === 0 && editor.number(found?.nothing) === 0;
    if (found === undefined || !zeros) return 'is not the gradient of a Relu';
    if (!sameDims(editor.shape(found.y), editor.shape(found.dy))) return 'the operands differ in shape';
    if (editor.type(found.dy) !== 'float32') return 'not float32';
    return replaced(where, (emit) =>
      emit.mul(found.dy, emit.op('HardSigmoid', [found.y], { alpha: float(STEEP), beta: float(0) })),
    );
  },
};
