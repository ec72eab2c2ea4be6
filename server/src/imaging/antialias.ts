/** Shrinking a picture without aliasing: bilinear with a kernel as wide as the shrinkage. */
import type { RgbImage } from './image';

/**
 * Each output pixel is the mean of the input under a triangle two output pixels wide (two input pixels where
 * the picture grows, which is plain bilinear interpolation), half-pixel centers, weights normalized at the
 * borders. As Pillow's `Image.resize(..., Resampling.BILINEAR)` to within one level. For detectors; the crop
 * uses `resizeRgb`, which reproduces OpenCV.
 */
export function resizeAntialiased(image: RgbImage, width: number, height: number): RgbImage {
  const columns = flat(triangleTaps(image.width, width));
  const rows = triangleTaps(image.height, height);
  const stride = width * 3;
  const data = new Uint8Array(stride * height);

  // Input rows are stretched when an output row first needs them, and dropped once none does.
  const stretched = new Map<number, Float32Array>();
  const sum = new Float64Array(stride);
  for (let y = 0; y < height; y++) {
    const { first, weights } = rows[y] as Taps;
    for (const row of stretched.keys()) if (row < first) stretched.delete(row);
    sum.fill(0);
    for (let i = 0; i < weights.length; i++) {
      let row = stretched.get(first + i);
      if (row === undefined) stretched.set(first + i, (row = stretchRow(image, first + i, columns, stride)));
      addRow(sum, row, weights[i] as number);
    }
    roundRow(sum, data, y * stride);
  }
  return { width, height, data };
}

/** The input positions first, first + 1, ... and their weights, which add up to 1. */
interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

function triangleTaps(sourceLength: number, length: number): readonly Taps[] {
  const scale = sourceLength / length;
  const reach = Math.max(scale, 1);
  return Array.from({ length }, (_, i) => {
    const center = (i + 0.5) * scale;
    const first = Math.max(Math.floor(center - reach + 0.5), 0);
    const end = Math.min(Math.floor(center + reach + 0.5), sourceLength);
    const weights = new Float64Array(end - first);
    let total = 0;
    for (let k = 0; k < weights.length; k++) {
      const weight = Math.max(1 - Math.abs(first + k + 0.5 - center) / reach, 0);
      weights[k] = weight;
      total += weight;
    }
    return { first, weights: weights.map((weight) => weight / total) };
  });
}

/** All taps in three arrays: those of output i are the `counts[i]` weights after those of i - 1. */
interface FlatTaps {
  readonly firsts: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Float64Array;
}

const flat = (taps: readonly Taps[]): FlatTaps => ({
  firsts: Int32Array.from(taps, ({ first }) => first),
  counts: Int32Array.from(taps, ({ weights }) => weights.length),
  weights: Float64Array.from(taps.flatMap(({ weights }) => Array.from(weights))),
});

function stretchRow(image: RgbImage, y: number, columns: FlatTaps, stride: number): Float32Array {
  const out = new Float32Array(stride);
  stretchInto(image.data, y * image.width * 3, columns.firsts, columns.counts, columns.weights, out);
  return out;
}

function stretchInto(
  source: Uint8Array,
  start: number,
  firsts: Int32Array,
  counts: Int32Array,
  weights: Float64Array,
  out: Float32Array,
): void {
  for (let x = 0, w = 0; x < firsts.length; x++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    let at = start + (firsts[x] as number) * 3;
    for (const end = w + (counts[x] as number); w < end; w++, at += 3) {
      const weight = weights[w] as number;
      red += weight * (source[at] as number);
      green += weight * (source[at + 1] as number);
      blue += weight * (source[at + 2] as number);
    }
    out[3 * x] = red;
    out[3 * x + 1] = green;
    out[3 * x + 2] = blue;
  }
}

function addRow(sum: Float64Array, row: Float32Array, weight: number): void {
  for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] as number) + weight * (row[k] as number);
}

/** Halves up, as `Math.round`. */
function roundRow(sum: Float64Array, out: Uint8Array, start: number): void {
  for (let k = 0; k < sum.length; k++) out[start + k] = (sum[k] as number) + 0.5;
}
