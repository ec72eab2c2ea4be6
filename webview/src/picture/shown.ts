/**
 * A raw map as it is shown: levels of 0..1 for the color table, and which values of the map their ends stand for, so that a color bar
 * can carry numbers. As the report draws it, that is ReLU, enlarging, blurring, and min-max; all but ReLU are linear, so every level
 * has one value.
 */
import type { FloatMap } from './floatMap';
import { minMax } from './levels';
import { blur, resize } from './resample';

export interface Shown {
  /** Values below 0 or above 1 lie outside the scale. */
  readonly levels: FloatMap;
  /** In units of the raw map: what the levels 0 and 1 stand for. */
  readonly low: number;
  readonly high: number;
}

export interface Drawing {
  readonly kind: 'heatmap' | 'activation';
  /** Before ReLU, zero in the middle. */
  readonly signed: boolean;
  /** Each value of the map as one square. */
  readonly cells: boolean;
  /** Of the picture, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** At or below this range a map shows nothing. */
const BLANK_RANGE = 1e-8;

interface Extent {
  readonly low: number;
  readonly high: number;
}

/** Null where something is not finite. */
function extentOf(values: Float32Array): Extent | null {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) return null;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

/** Null where the map is blank or holds something that is not finite. */
export function shownMap(map: FloatMap, drawing: Drawing): Shown | null {
  const { kind, signed, cells, width, height } = drawing;
  if (signed) return signedMap(map, drawing);
  const source = kind === 'heatmap' ? { ...map, data: map.data.map((value) => Math.max(value, 0)) } : map;
  if (cells) return scaled(source, (levels) => nearest(levels, width, height));
  if (kind === 'activation') return scaled(source, (levels) => resize(levels, width, height));
  // The same operations in the same order as the report's, so that pixels are equal; their ranges are put together for the numbers.
  const large = resize(source, width, height);
  const outer = extentOf(large.data);
  const once = minMax(large);
  const blurred = once && blur(once);
  const inner = blurred && extentOf(blurred.data);
  const levels = blurred && minMax(blurred);
  if (!outer || !inner || !levels) return null;
  const span = outer.high - outer.low;
  return { levels, low: outer.low + inner.low * span, high: outer.low + inner.high * span };
}

function scaled(source: FloatMap, enlarge: (levels: FloatMap) => FloatMap): Shown | null {
  const extent = extentOf(source.data);
  const levels = minMax(source);
  return extent && levels && { levels: enlarge(levels), ...extent };
}

/** Zero at 0.5, and the larger of |min| and |max| at the ends. */
function signedMap(map: FloatMap, { cells, width, height }: Drawing): Shown | null {
  const extent = extentOf(map.data);
  const reach = extent ? Math.max(Math.abs(extent.low), Math.abs(extent.high)) : 0;
  if (!(reach > BLANK_RANGE)) return null;
  const centered = { ...map, data: map.data.map((value) => 0.5 + value / (2 * reach)) };
  const levels = cells ? nearest(centered, width, height) : resize(centered, width, height);
  return { levels, low: -reach, high: reach };
}

/** Each value as a square of its own. */
function nearest(map: FloatMap, width: number, height: number): FloatMap {
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * map.height) / height) * map.width;
    for (let x = 0; x < width; x++)
      data[y * width + x] = map.data[row + Math.floor(((x + 0.5) * map.width) / width)] ?? 0;
  }
  return { width, height, data };
}

/** The same picture on another scale. */
export function onScale(shown: Shown, low: number, high: number): Shown {
  if (low === shown.low && high === shown.high) return shown;
  const factor = (shown.high - shown.low) / (high - low);
  const offset = (shown.low - low) / (high - low);
  const data = shown.levels.data.map((level) => level * factor + offset);
  return { levels: { ...shown.levels, data }, low, high };
}

/**
 * The scale without the outermost pixels.
 * @param percent of all pixels; of a signed map half of them at each end, and zero stays in the middle
 */
export function clipped(shown: Shown, percent: number, signed: boolean): Shown {
  if (percent === 0) return shown;
  const span = shown.high - shown.low;
  const valueAt = (level: number) => shown.low + level * span;
  if (signed) {
    const sizes = shown.levels.data.map((level) => Math.abs(valueAt(level))).sort();
    const reach = at(sizes, 1 - percent / 100);
    return reach > 0 ? onScale(shown, -reach, reach) : shown;
  }
  const ordered = shown.levels.data.toSorted();
  const high = valueAt(at(ordered, 1 - percent / 100));
  return high > shown.low ? onScale(shown, shown.low, high) : shown;
}

const at = (ordered: Float32Array, share: number): number =>
  ordered[Math.round(share * (ordered.length - 1))] ?? Number.NaN;

/** Share of the pixels, 0..1, that lie beyond the scale's ends. */
export function outside({ levels }: Shown): number {
  let count = 0;
  for (const level of levels.data) if (level < -1e-6 || level > 1 + 1e-6) count++;
  return count / levels.data.length;
}
