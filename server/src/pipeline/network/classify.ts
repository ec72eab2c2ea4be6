/** Step E: logits to probabilities and a label, or to no verdict. */
import type { Activation } from './activation';
import { boundOf, THRESHOLD } from './activation';

export interface Classification {
  /** One for each class; null where there are none. */
  readonly probabilities: readonly number[] | null;
  /** Null where it cannot be said. */
  readonly predicted: number | null;
}

export interface Outputs {
  readonly logits: ArrayLike<number>;
  /** The network's own probabilities; null where it computes none. */
  readonly probabilities: ArrayLike<number> | null;
}

/** How far a float32 probability may be outside 0..1. */
const ROUNDING = 1e-5;

/**
 * The network's own probabilities where it computes some, else softmax (maximum subtracted) or sigmoid of the logits in double precision.
 * Ties go to the lower index. One logit z stands for two classes, with probabilities [1 - p, p] and the last above the threshold.
 * A logit that is NaN or +Infinity leaves no verdict; -Infinity rules its class out, unless all are -Infinity.
 */
export function classify(
  { logits, probabilities }: Outputs,
  { kind, probabilities: own }: Pick<Activation, 'kind' | 'probabilities'>,
  threshold: number = THRESHOLD,
): Classification {
  const values = Array.from(logits);
  if (!isDecided(values)) return { probabilities: null, predicted: null };
  const given = probabilities === null ? applied(kind, values) : Array.from(probabilities);
  const shown = own?.log === true ? given.map(Math.exp) : given;
  const all = values.length === 1 && shown.length === 1 ? [1 - (shown[0] ?? NaN), shown[0] ?? NaN] : shown;
  const valid = all.every((p) => p >= -ROUNDING && p <= 1 + ROUNDING);
  return {
    probabilities: valid ? all.map((p) => Math.min(1, Math.max(0, p))) : null,
    predicted:
      values.length === 1 ? isLast(given, values, { kind, probabilities: own }, threshold) : largest(values),
  };
}

const isDecided = (values: readonly number[]): boolean =>
  values.every((value) => !Number.isNaN(value) && value !== Infinity) && values.some(Number.isFinite);

function applied(kind: Activation['kind'], values: readonly number[]): readonly number[] {
  if (kind === 'none') return values;
  if (kind === 'sigmoid') return values.map((v) => 1 / (1 + Math.exp(-v)));
  const most = Math.max(...values);
  const powers = values.map((v) => Math.exp(v - most));
  const sum = powers.reduce((total, p) => total + p, 0);
  return powers.map((p) => p / sum);
}

const largest = (values: readonly number[]): number =>
  values.reduce((best, value, index) => (value > (values[best] ?? NaN) ? index : best), 0);

/** As the explain graph compares it: in float32, on the network's own probability where there is one, else on the logit. */
function isLast(
  given: readonly number[],
  [logit = NaN]: readonly number[],
  activation: Pick<Activation, 'kind' | 'probabilities'>,
  threshold: number,
): 0 | 1 {
  const { tensor, above } = boundOf(activation, threshold);
  const compared = tensor === null ? logit : (given.at(-1) ?? NaN);
  return compared > Math.fround(above) ? 1 : 0;
}

/** The class name at an index; unnamed classes are numbered. */
export const labelAt = (labels: readonly string[], index: number): string =>
  labels[index] ?? `class ${index}`;

/** The multi-label verdict: every class whose probability is above the threshold, the most probable first. */
export const labelsAbove = (
  probabilities: readonly number[],
  labels: readonly string[],
  threshold: number,
): readonly { readonly index: number; readonly label: string; readonly probability: number }[] =>
  probabilities
    .map((probability, index) => ({ index, label: labelAt(labels, index), probability }))
    .filter(({ probability }) => probability > threshold)
    .sort((a, b) => b.probability - a.probability);
