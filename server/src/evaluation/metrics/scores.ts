/** The input of metrics: labels, verdicts and probabilities of the rows that have all three. */
import { integers, Matrix, Names } from '../compact';
import type { Row } from '../row';

/** Most probabilities that are held for curves: 128 MB. Beyond that none are, and the summary says so. */
export const MOST_VALUES = 16e6;

/** Finite, one for each class: rows may come from anyone. */
export const areProbabilities = (
  values: readonly number[] | null,
  classes: number,
): values is readonly number[] => values?.length === classes && values.every(Number.isFinite);

export class Scores {
  /** Pictures that have a label and no verdict or probabilities: no metric counts them. */
  undecided = 0;
  private readonly labels = integers();
  private readonly paths = integers();
  private readonly held: Matrix;
  private count = 0;
  private dropped = false;

  /** @param classes of the network @param names to which the paths are added */
  constructor(
    readonly classes: number,
    private readonly names = new Names(),
  ) {
    this.held = new Matrix(classes);
  }

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
    this.paths.push(this.names.add(path));
    this.count += 1;
    if (this.count * this.classes > MOST_VALUES) {
      this.dropped = true;
      this.held.clear();
    } else this.held.push(probabilities);
  }

  /** Probability of one class for every row. Only if `complete`. */
  column(index: number): Float64Array {
    return this.held.column(index);
  }

  /** One row, by class. Only if `complete`. */
  row(index: number): Float64Array {
    return this.held.row(index);
  }

  /** Class of a row's label. */
  label(row: number): number {
    return this.labels.at(row);
  }

  path(row: number): string {
    return this.names.at(this.paths.at(row));
  }
}
