/** The two tables of shifted windows, as torchvision's swin_transformer.py and timm's compute them. */

/** For each pair of positions in a window, row by row, the row of the table of relative positions. */
export function relativeIndex(window: number): readonly number[] {
  const positions = Array.from(
    { length: window * window },
    (_, i) => [Math.floor(i / window), i % window] as const,
  );
  const span = 2 * window - 1;
  return positions.flatMap(([row, column]) =>
    positions.map(([otherRow, otherColumn]) => {
      const down = row - otherRow + window - 1;
      return down * span + column - otherColumn + window - 1;
    }),
  );
}

/** Added to the score of a forbidden pair. */
const FORBIDDEN = -100;

/**
 * (windows, 1, length, length): `FORBIDDEN` where two positions of a window were not neighbors before the shift. Null without a shift.
 * @param sides of the padded picture @param shift by which it was rolled
 */
export function shiftMask(
  [height, width]: readonly [number, number],
  window: number,
  [down, across]: readonly [number, number],
): { readonly windows: number; readonly values: Float32Array } | null {
  if (down === 0 && across === 0) return null;
  const region = (at: number, side: number, shift: number): number =>
    at < side - window ? 0 : at < side - shift ? 1 : 2;
  const length = window * window;
  const [rows, columns] = [height / window, width / window];
  const values = new Float32Array(rows * columns * length * length);
  let at = 0;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const regions = Array.from({ length }, (_, i) => {
        const y = row * window + Math.floor(i / window);
        const x = column * window + (i % window);
        return 3 * region(y, height, down) + region(x, width, across);
      });
      for (const one of regions) for (const other of regions) values[at++] = one === other ? 0 : FORBIDDEN;
    }
  return { windows: rows * columns, values };
}
