/**
 * The assignment of columns to rows of the largest sum: the Hungarian method with potentials and shortest augmenting paths, O(n^3)
 * (R. Jonker, A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment problems", 1987).
 */

/**
 * @param gain of row i and column j, finite
 * @returns the column of each row
 */
export function bestAssignment(
  size: number,
  gain: (row: number, column: number) => number,
): readonly number[] {
  // Costs are minimized; row and column 0 stand for "none yet".
  const rowPotential = new Float64Array(size + 1);
  const columnPotential = new Float64Array(size + 1);
  const rowOf = new Int32Array(size + 1);
  for (let row = 1; row <= size; row++) {
    const from = new Int32Array(size + 1);
    const least = new Float64Array(size + 1).fill(Infinity);
    const used = new Uint8Array(size + 1);
    rowOf[0] = row;
    let column = 0;
    do {
      used[column] = 1;
      const current = rowOf[column] as number;
      let [delta, next] = [Infinity, 0];
      for (let j = 1; j <= size; j++) {
        if (used[j] === 1) continue;
        const cost =
          -gain(current - 1, j - 1) - (rowPotential[current] as number) - (columnPotential[j] as number);
        if (cost < (least[j] as number)) {
          least[j] = cost;
          from[j] = column;
        }
        if ((least[j] as number) < delta) [delta, next] = [least[j] as number, j];
      }
      for (let j = 0; j <= size; j++) {
        if (used[j] === 1) {
          const at = rowOf[j] as number;
          rowPotential[at] = (rowPotential[at] as number) + delta;
          columnPotential[j] = (columnPotential[j] as number) - delta;
        } else least[j] = (least[j] as number) - delta;
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      const previous = from[column] as number;
      rowOf[column] = rowOf[previous] as number;
      column = previous;
    }
  }
  const columns = new Array<number>(size).fill(-1);
  for (let j = 1; j <= size; j++) columns[(rowOf[j] as number) - 1] = j - 1;
  return columns;
}
