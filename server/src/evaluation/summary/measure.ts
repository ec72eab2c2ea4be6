/** Metrics of a set from what was collected row by row. */
import type { ClassMetrics } from '../../../../protocol/evaluation';
import type { Confusion } from '../metrics/confusion';
import { classMetrics, macro } from '../metrics/confusion';
import type { ProbabilityMetrics } from '../metrics/probability';
import type { Curves } from '../metrics/ranking';
import { areasOf, curvesOf } from '../metrics/ranking';
import type { Scores } from '../metrics/scores';
import type { ClassSummary, Metrics } from './facts';

/** Most names in a sentence. */
const NAMED = 8;

/** @returns metrics, and the curves of a class that has some: they take more memory than the probabilities, so that only those that are drawn are made */
export function measure(
  scores: Scores,
  confusion: Confusion,
  probability: ProbabilityMetrics,
  classes: readonly string[],
): { readonly metrics: Metrics; readonly curves: (index: number) => Curves | null } {
  const seen = classes.flatMap((_, index) =>
    (confusion.support[index] ?? 0) + (confusion.verdicts[index] ?? 0) > 0 ? [index] : [],
  );
  const rows = seen.map((index): ClassSummary => {
    const found = scores.complete
      ? areasOf(scores.column(index), (row) => scores.label(row) === index)
      : null;
    return {
      index,
      label: classes[index] ?? '',
      ...classMetrics(confusion, index),
      rocAuc: found?.auc ?? null,
      averagePrecision: found?.averagePrecision ?? null,
    };
  });
  const of = (key: keyof Pick<ClassSummary, 'precision' | 'recall' | 'f1' | 'rocAuc'>): number | null =>
    macro(rows.map((row) => row[key]));
  const metrics: Metrics = {
    rows: scores.length,
    accuracy: confusion.accuracy,
    topFiveAccuracy: probability.topFiveAccuracy(classes.length),
    macro: { precision: of('precision'), recall: of('recall'), f1: of('f1'), rocAuc: of('rocAuc') },
    logLoss: probability.logLoss,
    brier: probability.brier(classes.length),
    ece: probability.ece,
    calibration: probability.calibration,
    classes: rows,
    confusion: [...confusion.cells()].sort((a, b) => a[0] - b[0] || a[1] - b[1]),
    undefined: reasons(scores, rows, probability, classes),
  };
  const curves = (index: number): Curves | null =>
    scores.complete ? curvesOf(scores.column(index), (row) => scores.label(row) === index) : null;
  return { metrics, curves };
}

function reasons(
  scores: Scores,
  rows: readonly (ClassMetrics & ClassSummary)[],
  { clipped }: ProbabilityMetrics,
  classes: readonly string[],
): readonly string[] {
  const notes: string[] = [];
  const named = (found: readonly ClassSummary[]): string => {
    const names = found.slice(0, NAMED).map(({ label }) => `"${label}"`);
    return names.join(', ') + (found.length > NAMED ? ` and ${found.length - NAMED} more` : '');
  };
  if (scores.length === 0) notes.push('No row has both a label and a verdict, so that no metric is defined.');
  if (scores.undecided > 0)
    notes.push(
      `${scores.undecided} pictures with a label have no verdict, because the network's outputs are not numbers or not probabilities: no metric counts them.`,
    );
  const absent = rows.filter(({ support }) => support === 0);
  if (absent.length > 0)
    notes.push(
      `No picture is labeled ${named(absent)}: recall, ROC and average precision are not defined there, and means leave them out.`,
    );
  const never = rows.filter(({ verdicts }) => verdicts === 0);
  if (never.length > 0)
    notes.push(
      `No picture was given the verdict ${named(never)}: precision is not defined there, and its mean leaves them out.`,
    );
  const present = rows.filter(({ support }) => support > 0);
  if (scores.length > 0 && present.length === 1)
    notes.push(
      `Every picture is labeled ${named(present)}: with one class there is no ROC, and accuracy says nothing about the others.`,
    );
  const unused = classes.length - rows.length;
  if (scores.length > 0 && unused > 0)
    notes.push(
      `${unused} of ${classes.length} classes are neither label nor verdict of any picture: they are left out of every table.`,
    );
  if (!scores.complete)
    notes.push(
      `Curves, their areas and suspected label errors are not computed: ${scores.length} pictures of ${classes.length} classes are more probabilities than are held in memory (16 million).`,
    );
  if (clipped > 0)
    notes.push(
      `The label of ${clipped} pictures has a probability of 0 or 1 to the last digit: log loss takes 2.2e-16 and 1 minus it instead, as scikit-learn does.`,
    );
  return notes;
}
