/**
 * ROC and precision-recall curves of one class against the rest, as `sklearn.metrics.roc_curve` and `precision_recall_curve` define them:
 * rows with equal scores enter together, so that ties give a slope instead of a step.
 */

export interface Curves {
  readonly roc: { readonly falsePositives: readonly number[]; readonly truePositives: readonly number[] };
  readonly pr: { readonly recall: readonly number[]; readonly precision: readonly number[] };
  /** Area under the ROC curve, by trapezoids. */
  readonly auc: number;
  /** sum over thresholds (R[n] - R[n-1]) P[n]. */
  readonly averagePrecision: number;
}

/**
 * @param scores finite; one per row
 * @returns null where all rows or none are positive: then neither curve is defined
 */
export function curvesOf(scores: Float64Array, isPositive: (row: number) => boolean): Curves | null {
  const order = Uint32Array.from(scores, (_, row) => row).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number),
  );
  let positives = 0;
  for (let row = 0; row < scores.length; row++) positives += isPositive(row) ? 1 : 0;
  const negatives = scores.length - positives;
  if (positives === 0 || negatives === 0) return null;
  const roc = { falsePositives: [0], truePositives: [0] };
  const pr = { recall: [0], precision: [1] };
  let [tp, fp, area, average] = [0, 0, 0, 0];
  for (let at = 0; at < order.length;) {
    const score = scores[order[at] as number];
    const [tpBefore, fpBefore] = [tp, fp];
    for (; at < order.length && scores[order[at] as number] === score; at++) {
      if (isPositive(order[at] as number)) tp += 1;
      else fp += 1;
    }
    area += ((fp - fpBefore) * (tp + tpBefore)) / 2;
    average += (tp - tpBefore) * (tp / (tp + fp));
    roc.falsePositives.push(fp / negatives);
    roc.truePositives.push(tp / positives);
    pr.recall.push(tp / positives);
    pr.precision.push(tp / (tp + fp));
  }
  return { roc, pr, auc: area / (positives * negatives), averagePrecision: average / positives };
}

/** At most a given number of points of a curve for drawing, including the first and the last. */
export function thinned(count: number, most: number): readonly number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / (most - 1)));
}
