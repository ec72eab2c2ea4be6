/** The two-dimensional discrete wavelet transform, one level, as PyWavelets' `dwt2`. */

import type { FloatMap } from '../imaging/image';
import type { WaveletName } from './filters';
import { filterBank } from './filters';
import type { ExtensionMode } from './modes';
import { sampleTaps } from './modes';

/** Each band has `coefficientCount` rows and columns. */
export interface Dwt2 {
  /** Low-pass both ways: the picture at half size, times 2. */
  readonly approximation: FloatMap;
  /** High-pass down the columns (cH): horizontal edges. */
  readonly horizontal: FloatMap;
  /** High-pass along the rows (cV): vertical edges. */
  readonly vertical: FloatMap;
  /** High-pass both ways (cD). */
  readonly diagonal: FloatMap;
}

/** `(cA, (cH, cV, cD)) = pywt.dwt2(map, wavelet, mode)`; sums in float64, stored as float32. */
export function dwt2(map: FloatMap, wavelet: WaveletName, mode: ExtensionMode): Dwt2 {
  const { low, high } = filterBank(wavelet);
  const lowRows = alongRows(map, low, mode);
  const highRows = alongRows(map, high, mode);
  return {
    approximation: downColumns(lowRows, low, mode),
    horizontal: downColumns(lowRows, high, mode),
    vertical: downColumns(highRows, low, mode),
    diagonal: downColumns(highRows, high, mode),
  };
}

/** cA alone, in a quarter of the time. */
export function approximation(map: FloatMap, wavelet: WaveletName, mode: ExtensionMode): FloatMap {
  const { low } = filterBank(wavelet);
  return downColumns(alongRows(map, low, mode), low, mode);
}

/** Half-transformed: float64, so that rounding happens once. */
interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float64Array;
}

function alongRows(map: FloatMap, filter: Float64Array, mode: ExtensionMode): Plane {
  if (map.width < 1 || map.height < 1) {
    throw new RangeError(`Cannot transform a ${map.width}x${map.height} plane: it holds no sample.`);
  }
  const length = filter.length;
  const taps = sampleTaps(map.width, length, mode);
  const width = taps.length / length;
  const data = new Float64Array(width * map.height);
  for (let y = 0; y < map.height; y++) filterRow(map.data, y * map.width, taps, filter, data, y * width);
  return { width, height: map.height, data };
}

/** One row of `samples`, from `start` on, into as many coefficients as there are taps for. */
function filterRow(
  samples: Float32Array,
  start: number,
  taps: Int32Array,
  filter: Float64Array,
  out: Float64Array,
  o: number,
): void {
  for (let t = 0; t < taps.length; o++) {
    let sum = 0;
    for (let j = 0; j < filter.length; j++, t++) {
      const at = taps[t] as number;
      if (at >= 0) sum += (filter[j] as number) * (samples[start + at] as number);
    }
    out[o] = sum;
  }
}

function downColumns(plane: Plane, filter: Float64Array, mode: ExtensionMode): FloatMap {
  const { width } = plane;
  const length = filter.length;
  const taps = sampleTaps(plane.height, length, mode);
  const height = taps.length / length;
  const data = new Float32Array(width * height);
  const line = new Float64Array(width);
  for (let o = 0; o < height; o++) {
    line.fill(0);
    for (let j = 0; j < length; j++) {
      const at = taps[o * length + j] as number;
      if (at < 0) continue;
      addRow(line, plane.data, at * width, filter[j] as number);
    }
    data.set(line, o * width);
  }
  return { width, height, data };
}

function addRow(line: Float64Array, rows: Float64Array, start: number, weight: number): void {
  for (let x = 0; x < line.length; x++) line[x] = (line[x] as number) + weight * (rows[start + x] as number);
}
