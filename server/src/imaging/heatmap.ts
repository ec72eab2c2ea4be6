/** From a raw map to a smooth 0..1 heatmap: resize, min-max, Gaussian blur 15x15, min-max. */

import type { FloatMap } from './image';
import { bilinearTaps, resizeMap } from './resize';

/** Below this range (max - min) a map shows nothing and becomes all zero. */
export const BLANK_RANGE = 1e-8;

/** OpenCV's automatic sigma for 15 taps: 0.3 * ((15 - 1) * 0.5 - 1) + 0.8. */
const BLUR_SIZE = 15;
const BLUR_SIGMA = 2.6;

export interface Heatmap {
  /** [y][x], 0..1, or all zero. */
  readonly map: FloatMap;
  /** True where the picture shows nothing: max - min <= 1e-8, or a value that is not finite. */
  readonly blank: boolean;
}

/**
 * `minmax(blur(minmax(resize(map))))` at `width` x `height`, the reference pipeline's heatmap.
 *
 * Resize and blur are linear and min-max is affine, so the inner min-max cancels and resize and blur combine into
 * one banded matrix a side (`B_y R_y map R_x' B_x'`): a 12x12 map needs 3 taps a pixel and axis instead of 17.
 * Only the blank rule looks at the range in between. Equal to the four steps in a row up to rounding.
 */
export function heatmap(map: FloatMap, width: number, height: number): Heatmap {
  const source = rangeOf(map.data);
  if (!source.finite || source.max - source.min <= BLANK_RANGE) return nothing(width, height);

  const scale = source.max - source.min;
  const unit = new Float64Array(map.data.length);
  for (let i = 0; i < unit.length; i++) unit[i] = ((map.data[i] as number) - source.min) / scale;
  const data = resampleBlurred(unit, map.width, map.height, width, height);
  const { min, max } = rangeOf(data);
  const range = max - min;

  // The two blank rules of the four steps. Nearly always the first comparison settles both: resizing and blurring
  // average, so neither widens a range, and a blurred range well above the limit clears every range before it.
  const roomy = range > 100 * BLANK_RANGE && range * scale > 100 * BLANK_RANGE;
  if (!roomy) {
    const between = rangeOf(resizeMap(map, width, height).data);
    const resized = between.max - between.min;
    if (resized <= BLANK_RANGE || (range * scale) / resized <= BLANK_RANGE) return nothing(width, height);
  }
  const factor = 1 / range;
  for (let i = 0; i < data.length; i++) data[i] = ((data[i] as number) - min) * factor;
  return { map: { width, height, data }, blank: false };
}

function nothing(width: number, height: number): Heatmap {
  return { map: { width, height, data: new Float32Array(width * height) }, blank: true };
}

/** Scales to 0..1 by (v - min) / (max - min); all zero and `blank` if that range is <= 1e-8 or not finite. */
export function minMax(map: FloatMap): Heatmap {
  const { width, height } = map;
  const { min, max, finite } = rangeOf(map.data);
  const range = max - min;
  if (!finite || range <= BLANK_RANGE) return nothing(width, height);
  const data = new Float32Array(width * height);
  for (let i = 0; i < data.length; i++) data[i] = ((map.data[i] as number) - min) / range;
  return { map: { width, height, data }, blank: false };
}

/** The negative part set to zero: what a class activation map goes through before it is scaled. NaN stays NaN. */
export function relu(map: FloatMap): FloatMap {
  const data = new Float32Array(map.data.length);
  for (let i = 0; i < data.length; i++) {
    const value = map.data[i] as number;
    data[i] = value < 0 ? 0 : value;
  }
  return { width: map.width, height: map.height, data };
}

/** A vector as the smallest square that holds it, row by row, zeros after its end. */
export function squareOf(values: Float32Array): FloatMap {
  const side = Math.max(1, Math.ceil(Math.sqrt(values.length)));
  const data = new Float32Array(side * side);
  data.set(values);
  return { width: side, height: side, data };
}

/** Blurs as `cv2.GaussianBlur(map, (15, 15), 0)`: normalised kernel, reflect-101 border. */
export function gaussianBlur(map: FloatMap): FloatMap {
  const { width, height } = map;
  return { width, height, data: resampleBlurred(Float64Array.from(map.data), width, height, width, height) };
}

/**
 * `B_y R_y map R_x' B_x'`. Columns first: on the few rows of the source that is nearly free, and the row pass, which
 * is most of the work, then runs along contiguous memory.
 */
function resampleBlurred(
  map: Float64Array,
  sourceWidth: number,
  sourceHeight: number,
  width: number,
  height: number,
): Float32Array {
  const columns = blurredTaps(sourceWidth, width);
  const rows = sourceHeight === sourceWidth && height === width ? columns : blurredTaps(sourceHeight, height);
  const stretched = new Float64Array(sourceHeight * width);
  for (let y = 0; y < sourceHeight; y++) {
    for (let x = 0, c = 0; x < width; x++, c += columns.span) {
      const from = y * sourceWidth + (columns.first[x] as number);
      let sum = 0;
      for (let k = 0; k < columns.span; k++) {
        sum += (columns.weights[c + k] as number) * (map[from + k] as number);
      }
      stretched[y * width + x] = sum;
    }
  }
  const out = new Float32Array(width * height);
  const line = new Float64Array(width);
  for (let y = 0; y < height; y++) mixRows(stretched, rows, y, line, out);
  return out;
}

/** A banded matrix: output i is the sum over k < span of weights[i * span + k] * input[first[i] + k]. */
interface BandedTaps {
  readonly first: Int32Array;
  readonly weights: Float64Array;
  readonly span: number;
}

/** `B R`: bilinear resampling of `sourceLength` samples to `length`, then the blur over those. */
function blurredTaps(sourceLength: number, length: number): BandedTaps {
  const taps = bilinearTaps(sourceLength, length);
  const kernel = gaussianKernel();
  const reach = (BLUR_SIZE - 1) / 2;
  const first = new Int32Array(length);
  let span = 1;
  for (let i = 0; i < length; i++) {
    let low = sourceLength;
    let high = 0;
    for (let t = -reach; t <= reach; t++) {
      const at = reflect101(i + t, length);
      low = Math.min(low, taps.left[at] as number);
      high = Math.max(high, taps.right[at] as number);
    }
    first[i] = low;
    span = Math.max(span, high - low + 1);
  }
  const weights = new Float64Array(length * span);
  for (let i = 0; i < length; i++) {
    // Pulled back where the band would run over the end, so that no bounds are checked while multiplying.
    const low = Math.min(first[i] as number, sourceLength - span);
    first[i] = low;
    for (let t = -reach; t <= reach; t++) {
      const at = reflect101(i + t, length);
      const right = taps.weight[at] as number;
      const g = kernel[t + reach] as number;
      const offset = i * span - low;
      add(weights, offset + (taps.left[at] as number), g * (1 - right));
      add(weights, offset + (taps.right[at] as number), g * right);
    }
  }
  return { first, weights, span };
}

function add(sums: Float64Array, index: number, value: number): void {
  sums[index] = (sums[index] as number) + value;
}

/** One output row: the weighted sum of `rows.span` stretched rows, four a pass, rounded to float32 once. */
function mixRows(
  stretched: Float64Array,
  rows: BandedTaps,
  y: number,
  line: Float64Array,
  out: Float32Array,
): void {
  const width = line.length;
  const { span, weights } = rows;
  const first = rows.first[y] as number;
  for (let k = 0; k < span; k += 4) {
    // Beyond the span the weight is 0 and the row is any that exists.
    const weight = (i: number) => (k + i < span ? (weights[y * span + k + i] as number) : 0);
    const row = (i: number) => (first + (k + i < span ? k + i : k)) * width;
    const [w0, w1, w2, w3] = [weight(0), weight(1), weight(2), weight(3)];
    const [r0, r1, r2, r3] = [row(0), row(1), row(2), row(3)];
    const keep = k === 0 ? 0 : 1;
    for (let x = 0; x < width; x++) {
      line[x] =
        keep * (line[x] as number) +
        w0 * (stretched[r0 + x] as number) +
        w1 * (stretched[r1 + x] as number) +
        w2 * (stretched[r2 + x] as number) +
        w3 * (stretched[r3 + x] as number);
    }
  }
  out.set(line, y * width);
}

/** exp(-(i - 7)^2 / (2 sigma^2)), normalised to sum 1. */
function gaussianKernel(): Float64Array {
  const kernel = new Float64Array(BLUR_SIZE);
  const centre = (BLUR_SIZE - 1) / 2;
  let sum = 0;
  for (let i = 0; i < BLUR_SIZE; i++) {
    const value = Math.exp(-((i - centre) ** 2) / (2 * BLUR_SIGMA ** 2));
    kernel[i] = value;
    sum += value;
  }
  for (let i = 0; i < BLUR_SIZE; i++) kernel[i] = (kernel[i] as number) / sum;
  return kernel;
}

/** Mirrors an index into 0..length-1 without repeating the edge: ... 2 1 | 0 1 2 ... n-1 | n-2 ... */
function reflect101(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const folded = ((index % period) + period) % period;
  return folded < length ? folded : period - folded;
}

function rangeOf(values: Float32Array): { min: number; max: number; finite: boolean } {
  let min = Infinity;
  let max = -Infinity;
  let finite = values.length > 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < min) min = value;
    if (value > max) max = value;
    if (value !== value) finite = false;
  }
  return { min, max, finite: finite && Number.isFinite(min) && Number.isFinite(max) };
}
