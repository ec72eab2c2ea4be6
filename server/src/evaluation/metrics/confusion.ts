/** Counts of verdicts by label, and their metrics: accuracy, precision, recall, F1. Definitions as in scikit-learn. */
import type { ClassMetrics } from '../../../../protocol/evaluation';

export class Confusion {
  /** By label * classes + verdict. */
  private readonly counts = new Map<number, number>();
  /** Rows by label, and by verdict. */
  readonly support: Uint32Array;
  readonly verdicts: Uint32Array;
  total = 0;

  constructor(readonly classes: number) {
    this.support = new Uint32Array(classes);
    this.verdicts = new Uint32Array(classes);
  }

  add(label: number, predicted: number): void {
    const key = label * this.classes + predicted;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    this.support[label] = (this.support[label] ?? 0) + 1;
    this.verdicts[predicted] = (this.verdicts[predicted] ?? 0) + 1;
    this.total += 1;
  }

  get(label: number, predicted: number): number {
    return this.counts.get(label * this.classes + predicted) ?? 0;
  }

  /** Cells that are not zero: label, verdict, count. */
  *cells(): Generator<readonly [label: number, predicted: number, count: number], void, undefined> {
    for (const [key, count] of this.counts) yield [Math.floor(key / this.classes), key % this.classes, count];
  }

  /** Null without rows. */
  get accuracy(): number | null {
    if (this.total === 0) return null;
    let right = 0;
    for (let index = 0; index < this.classes; index++) right += this.get(index, index);
    return right / this.total;
  }
}

export function classMetrics(confusion: Confusion, index: number): ClassMetrics {
  const right = confusion.get(index, index);
  const [support, verdicts] = [confusion.support[index] ?? 0, confusion.verdicts[index] ?? 0];
  return {
    support,
    verdicts,
    precision: verdicts === 0 ? null : right / verdicts,
    recall: support === 0 ? null : right / support,
    f1: support + verdicts === 0 ? null : (2 * right) / (support + verdicts),
  };
}

/** Mean over the classes that have a value; null where none has. */
export function macro(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
