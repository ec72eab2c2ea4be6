/** Bilinear resizing of real-valued maps. */

import type { FloatMap } from './float-map';

/** For each output position: the left source index, the right one, and the right one's weight in 0..1. */
interface Taps {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly weight: Float64Array;
}

/**
 * Resizes a map bilinearly with half-pixel centers and no antialiasing, as PyTorch's
 * `F.interpolate(mode='bilinear', align_corners=False)` and `cv2.resize` on float32 do. Sums in float64.
 */
export function resizeMap(map: FloatMap, width: number, height: number): FloatMap {
  requireSize(map.width, map.height, width, height);
  if (width === map.width && height === map.height) {
    return { width, height, data: map.data.slice(0, width * height) };
  }
  const columns = bilinearTaps(map.width, width);
  const rows = bilinearTaps(map.height, height);
  const data = new Float32Array(width * height);
  let upper = new Float64Array(width);
  let lower = new Float64Array(width);
  let upperRow = -1;
  let lowerRow = -1;

  for (let y = 0; y < height; y++) {
    const top = rows.left[y] ?? 0;
    const bottom = rows.right[y] ?? 0;
    const b = rows.weight[y] ?? 0;
    if (top !== upperRow && top === lowerRow) {
      [upper, lower] = [lower, upper];
      [upperRow, lowerRow] = [lowerRow, upperRow];
    }
    if (top !== upperRow) {
      stretchMapRow(map, top, columns, upper);
      upperRow = top;
    }
    if (b !== 0 && bottom !== lowerRow) {
      stretchMapRow(map, bottom, columns, lower);
      lowerRow = bottom;
    }
    const start = y * width;
    if (b === 0) {
      data.set(upper, start);
      continue;
    }
    mixMapRow(upper, lower, b, data, start);
  }
  return { width, height, data };
}

function mixMapRow(
  upper: Float64Array,
  lower: Float64Array,
  b: number,
  out: Float32Array,
  start: number,
): void {
  const a = 1 - b;
  for (let x = 0; x < upper.length; x++) {
    out[start + x] = (upper[x] as number) * a + (lower[x] as number) * b;
  }
}

/** One horizontally interpolated row. At weight 0 the neighbor is not read: infinity times 0 would be NaN. */
function stretchMapRow(map: FloatMap, y: number, taps: Taps, out: Float64Array): void {
  const source = map.data;
  const start = y * map.width;
  for (let x = 0; x < out.length; x++) {
    const left = source[start + (taps.left[x] as number)] as number;
    const a = taps.weight[x] as number;
    out[x] = a === 0 ? left : left * (1 - a) + (source[start + (taps.right[x] as number)] as number) * a;
  }
}

/** Half-pixel source positions, clamped to the first and last sample. */
export function bilinearTaps(sourceLength: number, length: number): Taps {
  const scale = sourceLength / length;
  const left = new Int32Array(length);
  const right = new Int32Array(length);
  const weight = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const position = Math.min(Math.max((i + 0.5) * scale - 0.5, 0), sourceLength - 1);
    const index = Math.floor(position);
    left[i] = index;
    right[i] = Math.min(index + 1, sourceLength - 1);
    weight[i] = position - index;
  }
  return { left, right, weight };
}

/** @throws RangeError */
export function requireSize(sourceWidth: number, sourceHeight: number, width: number, height: number): void {
  const ok = [sourceWidth, sourceHeight, width, height].every((n) => Number.isInteger(n) && n > 0);
  if (!ok) {
    throw new RangeError(
      `Cannot resize ${sourceWidth}x${sourceHeight} to ${width}x${height}: sides are positive integers.`,
    );
  }
}
