/** What would come of another threshold for one class: counts and the metrics that follow from them. */

export interface AtThreshold {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
  /** Null where nothing is above the threshold. */
  readonly precision: number | null;
  /** Null where nothing has the label. */
  readonly recall: number | null;
  /** Null where neither is. */
  readonly f1: number | null;
  /** Null of no rows. */
  readonly accuracy: number | null;
  /** Rows without a label or a probability, which are not counted. */
  readonly left: number;
}

/**
 * A row is positive where its probability is at least the threshold.
 * @param isClass null of a row without a label
 */
export function atThreshold(
  scores: readonly (number | null)[],
  isClass: (row: number) => boolean | null,
  threshold: number,
): AtThreshold {
  let [tp, fp, fn, tn, left] = [0, 0, 0, 0, 0];
  scores.forEach((score, row) => {
    const truth = isClass(row);
    if (score === null || truth === null) left += 1;
    else if (score >= threshold && truth) tp += 1;
    else if (score >= threshold) fp += 1;
    else if (truth) fn += 1;
    else tn += 1;
  });
  const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  return {
    ...{ truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn, left },
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
    accuracy: ratio(tp + tn, tp + fp + fn + tn),
  };
}
