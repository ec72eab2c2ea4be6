/** Enlarging a map, written out plainly: bilinear, half-pixel centers, and OpenCV's Gaussian blur of 15 taps. */
import type { FloatMap } from '../../webview/src/picture/floatMap';

const blurSize = 15;
/** OpenCV's automatic sigma: 0.3 * ((15 - 1) * 0.5 - 1) + 0.8. */
const blurSigma = 2.6;

/** As PyTorch's `F.interpolate(mode='bilinear', align_corners=False)`. */
export function resize(map: FloatMap, width: number, height: number): FloatMap {
  const columns = bilinear(map.width, width);
  const rows = bilinear(map.height, height);
  const at = (row: number, column: number) => map.data[row * map.width + column] ?? Number.NaN;
  const data = new Float32Array(width * height);
  rows.forEach((row, y) => {
    columns.forEach((column, x) => {
      const upper = mix(at(row.low, column.low), at(row.low, column.high), column.weight);
      const lower = mix(at(row.high, column.low), at(row.high, column.high), column.weight);
      data[y * width + x] = mix(upper, lower, row.weight);
    });
  });
  return { width, height, data };
}

interface Tap {
  readonly low: number;
  readonly high: number;
  /** Of `high`, 0..1. */
  readonly weight: number;
}

function bilinear(from: number, to: number): Tap[] {
  return Array.from({ length: to }, (_, i) => {
    const position = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const low = Math.floor(position);
    return { low, high: Math.min(low + 1, from - 1), weight: position - low };
  });
}

/** Taken as it is at weight 0, so that an infinite neighbor of no weight cannot turn it into NaN. */
const mix = (a: number, b: number, weight: number): number =>
  weight === 0 ? a : a * (1 - weight) + b * weight;

/** As `cv2.GaussianBlur(map, (15, 15), 0)`: borders mirrored without repeating the edge. */
export function blur(map: FloatMap): FloatMap {
  return transpose(blurRows(transpose(blurRows(map))));
}

function blurRows({ width, height, data }: FloatMap): FloatMap {
  const reach = (blurSize - 1) / 2;
  const kernel = gaussian();
  const source = Int32Array.from({ length: width + 2 * reach }, (_, i) => mirror(i - reach, width));
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < blurSize; k++) {
        sum += (kernel[k] ?? 0) * (data[y * width + (source[x + k] ?? 0)] ?? 0);
      }
      out[y * width + x] = sum;
    }
  }
  return { width, height, data: out };
}

function transpose({ width, height, data }: FloatMap): FloatMap {
  const out = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) out[x * height + y] = data[y * width + x] ?? 0;
  }
  return { width: height, height: width, data: out };
}

function gaussian(): Float64Array {
  const center = (blurSize - 1) / 2;
  const kernel = Float64Array.from({ length: blurSize }, (_, i) =>
    Math.exp(-((i - center) ** 2) / (2 * blurSigma ** 2)),
  );
  const sum = kernel.reduce((total, value) => total + value, 0);
  return kernel.map((value) => value / sum);
}

function mirror(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const folded = ((index % period) + period) % period;
  return folded < length ? folded : period - folded;
}
