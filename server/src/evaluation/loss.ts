/** The cross-entropy of one picture, in nats. */
import type { Activation } from '../pipeline/network/activation';

/**
 * Where probabilities are a softmax or sigmoid of logits that this program applies, the loss is computed from the logits,
 *     softmax: log sum exp(z - max z) - (z[c] - max z);   one logit: log(1 + exp(-s z)), s = +1 for the last class and -1 for the first,
 * which stays exact where the probability rounds to 0 or 1. Otherwise it is -log p[c], which is infinite for p[c] = 0.
 */
export function crossEntropy(
  logits: ArrayLike<number>,
  probabilities: readonly number[],
  label: number,
  activation: Pick<Activation, 'kind' | 'probabilities' | 'multiLabel'>,
): number {
  const values = Array.from(logits);
  const isOwn = activation.probabilities === null && !activation.multiLabel;
  if (isOwn && activation.kind === 'softmax' && values.length > 1) {
    const most = Math.max(...values);
    const sum = values.reduce((total, value) => total + Math.exp(value - most), 0);
    return Math.log(sum) - ((values[label] ?? NaN) - most);
  }
  if (isOwn && activation.kind === 'sigmoid' && values.length === 1) {
    const z = (label === 1 ? 1 : -1) * (values[0] ?? NaN);
    return z > 0 ? Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z)) - z;
  }
  const p = probabilities[label] ?? NaN;
  return p === 0 ? Infinity : Math.abs(Math.log(p));
}
