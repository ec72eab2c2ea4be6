/**
 * Suspected label errors by confident learning (C. Northcutt, L. Jiang, I. Chuang, "Confident Learning: Estimating Uncertainty in Dataset
 * Labels", JAIR 70, 2021), with the numbers of cleanlab's `compute_confident_joint` and `find_label_issues`.
 */
import type { Scores } from '../metrics/scores';

export interface Suspect {
  /** Row of the scores. */
  readonly row: number;
  readonly label: number;
  /** The class that it confidently belongs to. */
  readonly guess: number;
  /** Probability of the label. */
  readonly selfConfidence: number;
}

export interface Confident {
  /** Mean probability of each class among the rows that are labeled so; null for a class without rows. */
  readonly thresholds: readonly (number | null)[];
  /** Counts by label * classes + guess, before the diagonal is made at least 1. */
  readonly joint: ReadonlyMap<number, number>;
  /** Least self-confidence first. */
  readonly suspects: readonly Suspect[];
}

/** How far below its threshold a probability may be, for rounding; as cleanlab has it. */
const TOLERANCE = 1e-6;
/**
 * A threshold is never lower: else classes whose probability is always about zero would take every row. As
 * cleanlab has it.
 */
const LEAST_THRESHOLD = 2 * TOLERANCE;

export function confidentLearning(scores: Scores): Confident {
  const { classes, length } = scores;
  const thresholds = thresholdsOf(scores);
  const joint = new Map<number, number>();
  const suspects: Suspect[] = [];
  for (let row = 0; row < length; row++) {
    const probabilities = scores.row(row);
    const label = scores.label(row);
    const guess = confidentClass(probabilities, thresholds);
    if (guess === null) continue;
    const key = label * classes + guess;
    joint.set(key, (joint.get(key) ?? 0) + 1);
    // Where the model agrees with the label after all, there is no suspicion.
    if (guess !== label && largest(probabilities) !== label)
      suspects.push({ row, label, guess, selfConfidence: probabilities[label] ?? NaN });
  }
  suspects.sort((a, b) => a.selfConfidence - b.selfConfidence || a.row - b.row);
  return { thresholds, joint, suspects };
}

function thresholdsOf(scores: Scores): readonly (number | null)[] {
  const { classes, length } = scores;
  const sums = new Float64Array(classes);
  const counts = new Uint32Array(classes);
  for (let row = 0; row < length; row++) {
    const label = scores.label(row);
    sums[label] = (sums[label] ?? 0) + (scores.row(row)[label] ?? NaN);
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return Array.from(counts, (count, index) =>
    count === 0 ? null : Math.max(LEAST_THRESHOLD, (sums[index] as number) / count),
  );
}

/** Of several classes above their thresholds, the most probable, as in the paper's implementation. */
function confidentClass(probabilities: Float64Array, thresholds: readonly (number | null)[]): number | null {
  let [count, first] = [0, -1];
  thresholds.forEach((threshold, index) => {
    if (threshold === null || !((probabilities[index] as number) >= threshold - TOLERANCE)) return;
    count += 1;
    if (first < 0) first = index;
  });
  if (count === 0) return null;
  return count === 1 ? first : largest(probabilities);
}

function largest(values: Float64Array): number {
  let best = 0;
  values.forEach((value, index) => {
    if (value > (values[best] as number)) best = index;
  });
  return best;
}
