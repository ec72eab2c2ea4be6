/** The differentiated class: a graph input, so that another target needs another run but never another graph. */
import type { Emitter } from '../autodiff/emitter';
import { int64Tensor } from '../onnx/builder';

/** Value of the `target` input that means the predicted class: of several logits the largest one's. */
export const PREDICTED = -1;

/** When a network with one logit decides for its last class. */
export interface ClassBound {
  /** (N, any): what is compared is its last column; null for the logit. */
  readonly tensor: string | null;
  readonly above: number;
}

/** For one logit: above zero its sigmoid is above one half. */
const LOGIT_ABOVE_ZERO: ClassBound = { tensor: null, above: 0 };

export interface Target {
  /** Graph input, int64 (N): a class per sample, or PREDICTED. */
  readonly input: string;
  /** (N), with axes of size 1 behind: the classes that were differentiated. */
  readonly chosen: string;
  /** Of `chosen`. */
  readonly type: 'int64' | 'float32';
  /**
   * dL/d logits, (N, logits). Of several logits one-hot at the chosen class, since L is the sum of the chosen raw logits. One logit z
   * stands for two classes: L is z for the last and -z for the first.
   */
  readonly seed: string;
}

/** Adds the input and the nodes that choose the class. Samples are independent, so one run gives each its own gradient. */
export type AddTarget = (
  emit: Emitter,
  logits: string,
  batch: number,
  classes: number,
  bound?: ClassBound,
) => Target;

export const addTarget: AddTarget = (emit, logits, batch, classes, bound) => {
  const input = emit.builder.input('target', 'int64', [batch]);
  if (classes === 1) return addTargetOfOne(emit, logits, batch, input, bound);
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
  return { input, chosen, type: 'int64', seed };
};

/** bool (N, 1): whether a network with one logit decides for its last class. */
export function lastClassOf(
  emit: Emitter,
  logit: string,
  { tensor, above }: ClassBound = LOGIT_ABOVE_ZERO,
): string {
  const compared = tensor === null ? logit : emit.slice(tensor, [1], [-1], [Number.MAX_SAFE_INTEGER]);
  return emit.op('Greater', [compared, emit.scalar(above, 'float32')], {}, 'target/is_last');
}

/** 2 c - 1 of the chosen classes, float32 (N, 1): z for the last class, -z for the first. */
export const seedOfOne = (emit: Emitter, chosen: string): string =>
  emit.sub(emit.mul(chosen, emit.scalar(2, 'float32')), emit.scalar(1, 'float32'));

function addTargetOfOne(
  emit: Emitter,
  logit: string,
  batch: number,
  input: string,
  bound?: ClassBound,
): Target {
  const last = lastClassOf(emit, logit, bound);
  const predicted = emit.reshape(emit.cast(last, 'int64'), [batch]);
  const asked = emit.op('Less', [input, emit.ints([0])], {}, 'target/is_predicted');
  const chosen = emit.op('Where', [asked, predicted, input], {}, 'target/chosen');
  const column = emit.cast(emit.reshape(chosen, [batch, 1]), 'float32');
  return { input, chosen, type: 'int64', seed: seedOfOne(emit, column) };
}
