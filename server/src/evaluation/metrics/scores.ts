/** The input of metrics: labels, verdicts and probabilities of the rows that have all three. */
import type { Row } from '../row';

/** Most probabilities that are held for curves: 128 MB. Beyond that none are, and the summary says so. */
export const MOST_VALUES = 16e6;

/** Finite, one for each class: rows may come from anyone. */
export const areProbabilities = (
  values: readonly number[] | null,
  classes: number,
): values is readonly number[] => values?.length === classes && values.every(Number.isFinite);

export class Scores {
  /** Class indices of the rows, in their order. */
  readonly labels: number[] = [];
  readonly predicted: number[] = [];
  readonly paths: string[] = [];
  /** Pictures that have a label and no verdict or probabilities: no metric counts them. */
  undecided = 0;
  private held: Float64Array[] = [];
  private count = 0;
  private dropped = false;

  /** @param classes of the network */
  constructor(readonly classes: number) {}

  get length(): number {
    return this.count;
  }

  /** Whether `column` has the probabilities of all rows. */
  get complete(): boolean {
    return !this.dropped;
  }

  add({ labelIndex, predictedIndex, probabilities, path, error }: Row): void {
    if (labelIndex === null || error !== null) return;
    if (predictedIndex === null || !areProbabilities(probabilities, this.classes)) {
      this.undecided += 1;
      return;
    }
    this.labels.push(labelIndex);
    this.predicted.push(predictedIndex);
    this.paths.push(path);
    this.count += 1;
    if (this.count * this.classes > MOST_VALUES) {
      this.dropped = true;
      this.held = [];
    } else this.held.push(Float64Array.from(probabilities));
  }

  /** Probability of one class for every row. Only if `complete`. */
  column(index: number): Float64Array {
    return Float64Array.from(this.held, (row) => row[index] ?? NaN);
  }

  /** One row, by class. Only if `complete`. */
  row(index: number): Float64Array {
    return this.held[index] ?? new Float64Array();
  }
}
