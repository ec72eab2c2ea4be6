/** The differentiated class, chosen in float32: for devices that have no kernels for integers. */
import { float32Tensor } from '../../onnx/builder';
import { lastClassOf, seedOfOne, type AddTarget } from '../target';

/**
 * WebGPU compares, selects and casts no int64 (onnxruntime 1.30): the predicted class went to the CPU and the seed came back, so that nothing of
 * the backward pass could be queued before the forward pass had ended. Only what was asked is still cast by the CPU, before everything
 * else. Float32 holds every index below 2^24.
 */
export const targetInFloats: AddTarget = (emit, logits, batch, classes, bound) => {
  const input = emit.builder.input('target', 'int64', [batch]);
  const asked = emit.cast(emit.reshape(input, [batch, 1]), 'float32');
  const none = emit.op('Less', [asked, emit.scalar(0, 'float32')], {}, 'target/is_predicted');
  const choose = (predicted: string): string =>
    emit.op('Where', [none, predicted, asked], {}, 'target/chosen');
  if (classes === 1) {
    const chosen = choose(emit.cast(lastClassOf(emit, logits, bound), 'float32'));
    return { input, chosen, type: 'float32', seed: seedOfOne(emit, chosen) };
  }
  const indices = Float32Array.from({ length: classes }, (_, i) => i);
  const range = emit.builder.constant('target/classes', float32Tensor([1, classes], indices));
  const largest = emit.op('Equal', [logits, emit.reduce('ReduceMax', logits, [1])]);
  // The first of the largest, as ArgMax; where none is, as among NaN, there is still a class.
  const candidates = emit.op('Where', [largest, range, emit.scalar(classes - 1, 'float32')]);
  const chosen = choose(emit.reduce('ReduceMin', candidates, [1]));
  const seed = emit.cast(emit.op('Equal', [chosen, range]), 'float32');
  return { input, chosen, type: 'float32', seed };
};
