/**
 * ROC and precision-recall curves of one class against the rest, as `sklearn.metrics.roc_curve` and `precision_recall_curve` define them:
 * rows with equal scores enter together, so that ties give a slope instead of a step.
 */

export interface Areas {
  /** Area under the ROC curve, by trapezoids. */
  readonly auc: number;
  /** sum over thresholds (R[n] - R[n-1]) P[n]. */
  readonly averagePrecision: number;
}

export interface Curves extends Areas {
  readonly roc: { readonly falsePositives: readonly number[]; readonly truePositives: readonly number[] };
  readonly pr: { readonly recall: readonly number[]; readonly precision: readonly number[] };
}

/**
 * The areas alone: a curve takes four numbers per score, which is more than the scores where there are many classes.
 * @param scores finite; one per row
 * @returns null where all rows or none are positive: then neither curve is defined
 */
export function areasOf(scores: Float64Array, isPositive: (row: number) => boolean): Areas | null {
  return walked(scores, isPositive, () => undefined);
}

/** As `areasOf`, with the curves. */
export function curvesOf(scores: Float64Array, isPositive: (row: number) => boolean): Curves | null {
  const roc = { falsePositives: [0], truePositives: [0] };
  const pr = { recall: [0], precision: [1] };
  const areas = walked(scores, isPositive, (tp, fp, positives, negatives) => {
    roc.falsePositives.push(fp / negatives);
    roc.truePositives.push(tp / positives);
    pr.recall.push(tp / positives);
    pr.precision.push(tp / (tp + fp));
  });
  return areas === null ? null : { ...areas, roc, pr };
}

type Visit = (tp: number, fp: number, positives: number, negatives: number) => void;

/** From the largest score to the smallest. @param visit gets how many rows of either kind have at least each score */
function walked(scores: Float64Array, isPositive: (row: number) => boolean, visit: Visit): Areas | null {
  // Only counts matter, not which row has a score: numbers are sorted by themselves, many times faster than rows by their numbers.
  const [positive, negative] = parted(scores, isPositive);
  const [positives, negatives] = [positive.length, negative.length];
  if (positives === 0 || negatives === 0) return null;
  let [tp, fp, area, average] = [0, 0, 0, 0];
  while (tp < positives || fp < negatives) {
    const [tpBefore, fpBefore] = [tp, fp];
    const score = Math.max(
      positive[positives - 1 - tp] ?? -Infinity,
      negative[negatives - 1 - fp] ?? -Infinity,
    );
    while (positive[positives - 1 - tp] === score) tp += 1;
    while (negative[negatives - 1 - fp] === score) fp += 1;
    area += ((fp - fpBefore) * (tp + tpBefore)) / 2;
    average += (tp - tpBefore) * (tp / (tp + fp));
    visit(tp, fp, positives, negatives);
  }
  return { auc: area / (positives * negatives), averagePrecision: average / positives };
}

/** The scores of positive rows and those of the others, each from the smallest to the largest. */
function parted(
  scores: Float64Array,
  isPositive: (row: number) => boolean,
): readonly [positive: Float64Array, negative: Float64Array] {
  const all = new Float64Array(scores.length);
  let [first, end] = [0, scores.length];
  scores.forEach((score, row) => {
    if (isPositive(row)) all[first++] = score;
    else all[--end] = score;
  });
  return [all.subarray(0, first).sort(), all.subarray(first).sort()];
}

/** At most a given number of points of a curve for drawing, including the first and the last. */
export function thinned(count: number, most: number): readonly number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / (most - 1)));
}
