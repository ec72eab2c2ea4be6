/**
 * Metrics of pictures that have any number of labels each, as scikit-learn defines them for an indicator matrix: y(row, class) is 1 where the
 * row has the label, and the verdict is 1 where the probability is above the threshold.
 *     subset accuracy = share of rows all of whose verdicts are right,   Hamming loss = share of (row, class) whose verdict is wrong
 *     micro: of all (row, class) together;   macro: mean over the classes for which it is defined
 */
import type { SeveralMetrics } from '../../../../protocol/evaluation';
import { integers, Matrix } from '../compact';
import { areasOf, curvesOf, type Areas, type Curves } from './ranking';
import { MOST_VALUES, areProbabilities } from './scores';

/** Rows for curves. */
class Held {
  readonly p: Matrix;
  /** Class indices of all rows, one row's after another's, and where each row's end. */
  private readonly labels = integers();
  private readonly ends = integers();

  constructor(readonly classes: number) {
    this.p = new Matrix(classes);
  }

  add(labels: ReadonlySet<number>, probabilities: readonly number[]): void {
    for (const label of labels) if (label >= 0) this.labels.push(label);
    this.ends.push(this.labels.length);
    this.p.push(probabilities);
  }

  has(row: number, label: number): boolean {
    const end = this.ends.at(row);
    for (let at = row === 0 ? 0 : this.ends.at(row - 1); at < end; at++)
      if (this.labels.at(at) === label) return true;
    return false;
  }
}

interface Counts {
  support: number;
  verdicts: number;
  right: number;
}

export class SeveralLabels {
  /** Pictures that have labels and no probabilities: no metric counts them. */
  undecided = 0;
  private rows = 0;
  private subsets = 0;
  private wrong = 0;
  private held: Held | null;
  private readonly counts: readonly Counts[];

  constructor(
    private readonly classes: readonly string[],
    private readonly threshold: number,
  ) {
    this.held = new Held(classes.length);
    this.counts = classes.map(() => ({ support: 0, verdicts: 0, right: 0 }));
  }

  /** @param labels class indices */
  add(labels: ReadonlySet<number>, probabilities: readonly number[] | null): void {
    if (!areProbabilities(probabilities, this.classes.length)) {
      this.undecided += 1;
      return;
    }
    let wrong = 0;
    this.counts.forEach((counts, index) => {
      const [has, predicted] = [labels.has(index), (probabilities[index] ?? 0) > this.threshold];
      counts.support += has ? 1 : 0;
      counts.verdicts += predicted ? 1 : 0;
      counts.right += has && predicted ? 1 : 0;
      wrong += has === predicted ? 0 : 1;
    });
    this.rows += 1;
    this.wrong += wrong;
    this.subsets += wrong === 0 ? 1 : 0;
    if (this.rows * this.classes.length > MOST_VALUES) this.held = null;
    this.held?.add(labels, probabilities);
  }

  /** Null without rows. */
  measure(): { readonly metrics: SeveralMetrics; readonly curves: (index: number) => Curves | null } | null {
    const { rows, counts, classes, held } = this;
    if (rows === 0) return null;
    const named = classes.map((label, index) => {
      const found = held === null ? null : rankedFor(areasOf, held, index);
      const { support, verdicts } = counts[index] as Counts;
      const ranked = { rocAuc: found?.auc ?? null, averagePrecision: found?.averagePrecision ?? null };
      return { index, label, support, verdicts, ...scoresOf(counts[index] as Counts), ...ranked };
    });
    const all = counts.reduce(
      (sum, each) => ({
        support: sum.support + each.support,
        verdicts: sum.verdicts + each.verdicts,
        right: sum.right + each.right,
      }),
      { support: 0, verdicts: 0, right: 0 },
    );
    const together = held === null ? null : this.areasTogether(held);
    const averages = { rocAuc: together?.auc ?? null, averagePrecision: together?.averagePrecision ?? null };
    const over = (key: keyof SeveralMetrics['macro']): number | null => mean(named.map((each) => each[key]));
    return {
      metrics: {
        ...{ rows, undecided: this.undecided, threshold: this.threshold, ranked: held !== null },
        ...{ subsetAccuracy: this.subsets / rows, hammingLoss: this.wrong / (rows * classes.length) },
        micro: { ...scoresOf(all), ...averages },
        macro: {
          ...{ precision: over('precision'), recall: over('recall'), f1: over('f1') },
          ...{ rocAuc: over('rocAuc'), averagePrecision: over('averagePrecision') },
        },
        classes: named.filter(({ support, verdicts }) => support + verdicts > 0),
      },
      curves: (index) => (held === null ? null : rankedFor(curvesOf, held, index)),
    };
  }

  private areasTogether(held: Held): Areas | null {
    const count = this.classes.length;
    const scores = new Float64Array(held.p.length * count);
    for (let row = 0; row < held.p.length; row++) scores.set(held.p.row(row), row * count);
    return areasOf(scores, (at) => held.has(Math.floor(at / count), at % count));
  }
}

function rankedFor<T>(
  rank: (scores: Float64Array, has: (row: number) => boolean) => T,
  held: Held,
  index: number,
): T {
  return rank(held.p.column(index), (row) => held.has(row, index));
}

/** Null for a division by zero, as `zero_division=nan`. */
const scoresOf = ({ support, verdicts, right }: Counts) => ({
  precision: verdicts === 0 ? null : right / verdicts,
  recall: support === 0 ? null : right / support,
  f1: support + verdicts === 0 ? null : (2 * right) / (support + verdicts),
});

function mean(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  return defined.length === 0 ? null : defined.reduce((sum, value) => sum + value, 0) / defined.length;
}
