/** The differentiated class: a graph input, so that another target needs another run but never another graph. */
import type { Emitter } from '../autodiff/emitter';
import { int64Tensor } from '../onnx/builder';

/** Value of the `target` input that stands for the class with the largest logit. */
export const PREDICTED = -1;

export interface Target {
  /** Graph input, int64 (N): a class per sample, or PREDICTED. */
  readonly input: string;
  /** int64 (N): the classes that were differentiated. */
  readonly chosen: string;
  /** dL/d logits, (N, classes): one-hot at the chosen class, since L is the sum of the chosen raw logits. */
  readonly seed: string;
}

/** Adds the input and the nodes that choose the class. Samples are independent, so one run gives each its own gradient. */
export function addTarget(emit: Emitter, logits: string, batch: number, classes: number): Target {
  const input = emit.builder.input('target', 'int64', [batch]);
  const predicted = emit.op('ArgMax', [logits], { axis: 1, keepdims: 0 }, 'predicted');
  const asked = emit.op('Less', [input, emit.ints([0])], {}, 'target/is_predicted');
  const chosen = emit.op('Where', [asked, predicted, input], {}, 'target/chosen');
  const column = emit.reshape(chosen, [batch, 1]);
  const range = emit.builder.constant(
    'target/classes',
    int64Tensor(
      Array.from({ length: classes }, (_, i) => i),
      [1, classes],
    ),
  );
  const seed = emit.cast(emit.op('Equal', [column, range]), 'float32');
  return { input, chosen, seed };
}
