/** The two tables of shifted windows, as torchvision's swin_transformer.py and timm's compute them. */
import { float32Tensor } from '../onnx/builder';
import type { ConstantTensor } from '../onnx/model';

const indices = new Map<number, ConstantTensor>();

/**
 * For each pair of positions in a window, row by row, the row of the table of relative positions: int64 (window ** 4). All blocks
 * share one: 2.7 MB for a window of 24.
 */
export function relativeIndex(window: number): ConstantTensor {
  const known = indices.get(window);
  if (known !== undefined) return known;
  const span = 2 * window - 1;
  const values = new BigInt64Array(window ** 4);
  let at = 0;
  for (let row = 0; row < window; row++)
    for (let column = 0; column < window; column++)
      for (let otherRow = 0; otherRow < window; otherRow++)
        for (let otherColumn = 0; otherColumn < window; otherColumn++) {
          const down = row - otherRow + window - 1;
          values[at++] = BigInt(down * span + column - otherColumn + window - 1);
        }
  const tensor = { type: 'int64', dims: [values.length], data: new Uint8Array(values.buffer) } as const;
  indices.set(window, tensor);
  return tensor;
}

/** Added to the score of a forbidden pair. */
const FORBIDDEN = -100;

/**
 * Makes (windows, 1, length, length): `FORBIDDEN` where two positions of a window were not neighbors before the shift. Null without a shift.
 * @param sides of the padded picture @param shift by which it was rolled
 */
export function shiftMask(
  [height, width]: readonly [number, number],
  window: number,
  [down, across]: readonly [number, number],
): (() => ConstantTensor) | null {
  if (down === 0 && across === 0) return null;
  return () => maskOf([height, width], window, [down, across]);
}

function maskOf(
  [height, width]: readonly [number, number],
  window: number,
  [down, across]: readonly [number, number],
): ConstantTensor {
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
  return float32Tensor([rows * columns, 1, length, length], values);
}
