/** Rows that are resampled along x when an output first needs them, and dropped once none does. */

/** If outputs need more than this at once, rows are made again for each of them. */
const MOST_BYTES = 64 * 2 ** 20;

export class RowCache<Row> {
  private readonly rows = new Map<number, Row>();
  private readonly most: number;

  /** @param bytes of one row */
  constructor(
    private readonly make: (y: number) => Row,
    bytes: number,
  ) {
    this.most = Math.max(1, Math.floor(MOST_BYTES / bytes));
  }

  /** Drops rows before `first`, which no output needs any more. */
  forgetBefore(first: number): void {
    for (const y of this.rows.keys()) if (y < first) this.rows.delete(y);
  }

  at(y: number): Row {
    const known = this.rows.get(y);
    if (known !== undefined) return known;
    const row = this.make(y);
    if (this.rows.size < this.most) this.rows.set(y, row);
    return row;
  }
}
