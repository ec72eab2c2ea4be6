/**
 * A raw map as it is shown: enlarged values, and which of them the ends of the color table stand for. As the report draws it, a heatmap
 * goes through ReLU, is enlarged and blurred; all but ReLU are linear, so every color has one value of the raw map, and a color bar can
 * say which.
 */
import type { Heatmap } from '../../../painting/heatmap';
import type { FloatMap } from './floatMap';
import type { Painter } from './painter';

export interface Shown {
  readonly width: number;
  readonly height: number;
  /** [y][x], in units of their own: a value v stands for `unit.min + v * unit.scale` of the raw map. */
  readonly values: Float32Array;
  readonly unit: { readonly min: number; readonly scale: number };
  /** The values at the ends of the color table; others may lie outside. */
  readonly range: { readonly min: number; readonly max: number };
  /** What these are in units of the raw map. */
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
  /** What is shown is drawn at once and then forgotten. */
  readonly passing?: boolean;
}

/** At or below this range a map shows nothing. */
const BLANK_RANGE = 1e-8;

/** Values that are those of the raw map. */
const RAW = { min: 0, scale: 1 } as const;

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
export function shownMap(painter: Painter, map: FloatMap, drawing: Drawing): Shown | null {
  const { kind, signed, cells, width, height } = drawing;
  if (signed) return signedMap(painter, map, drawing);
  if (cells) {
    const source = kind === 'heatmap' ? { ...map, data: map.data.map((value) => Math.max(value, 0)) } : map;
    const extent = extentOf(source.data);
    if (!extent || !(extent.high - extent.low > BLANK_RANGE)) return null;
    const size = { width, height, values: nearest(source, width, height), unit: RAW };
    return { ...size, range: { min: extent.low, max: extent.high }, ...extent };
  }
  const enlarged =
    kind === 'heatmap' ? painter.heatmap(map, width, height) : painter.activation(map, width, height);
  return enlarged.blank ? null : { width, height, ...taken(painter, enlarged, drawing) };
}

/** Out of the kernels' memory, which the next map takes. */
function taken(
  painter: Painter,
  { room, min, max, unit }: Heatmap,
  { width, height, passing = false }: Drawing,
): Omit<Shown, 'width' | 'height'> {
  const values = room.float32(width * height);
  return {
    ...{ values: passing ? painter.passing(values) : values.slice(), unit, range: { min, max } },
    ...{ low: unit.min + min * unit.scale, high: unit.min + max * unit.scale },
  };
}

/** Zero in the middle, and the larger of |min| and |max| at the ends. */
function signedMap(painter: Painter, map: FloatMap, drawing: Drawing): Shown | null {
  const { cells, width, height } = drawing;
  const extent = extentOf(map.data);
  const reach = extent ? Math.max(Math.abs(extent.low), Math.abs(extent.high)) : 0;
  if (!(reach > BLANK_RANGE)) return null;
  const enlarged = cells ? null : painter.activation(map, width, height);
  const shown =
    enlarged === null || enlarged.blank
      ? { values: nearest(map, width, height), unit: RAW }
      : taken(painter, enlarged, drawing);
  return onScale({ width, height, ...shown, range: { min: 0, max: 1 }, low: 0, high: 0 }, -reach, reach);
}

/** Each value as a square of its own. */
function nearest(map: FloatMap, width: number, height: number): Float32Array {
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * map.height) / height) * map.width;
    for (let x = 0; x < width; x++)
      data[y * width + x] = map.data[row + Math.floor(((x + 0.5) * map.width) / width)] ?? 0;
  }
  return data;
}

/** The same picture on another scale. */
export function onScale(shown: Shown, low: number, high: number): Shown {
  if (low === shown.low && high === shown.high) return shown;
  const { min, scale } = shown.unit;
  return { ...shown, range: { min: (low - min) / scale, max: (high - min) / scale }, low, high };
}

/**
 * The scale without the outermost pixels.
 * @param percent of all pixels; of a signed map half of them at each end, and zero stays in the middle
 */
export function clipped(shown: Shown, percent: number, signed: boolean): Shown {
  if (percent === 0) return shown;
  const { min, scale } = shown.unit;
  if (signed) {
    const sizes = shown.values.map((value) => Math.abs(min + value * scale)).sort();
    const reach = at(sizes, 1 - percent / 100);
    return reach > 0 ? onScale(shown, -reach, reach) : shown;
  }
  const high = min + at(shown.values.toSorted(), 1 - percent / 100) * scale;
  return high > shown.low ? onScale(shown, shown.low, high) : shown;
}

const at = (ordered: Float32Array, share: number): number =>
  ordered[Math.round(share * (ordered.length - 1))] ?? Number.NaN;

/** Share of the pixels, 0..1, that lie beyond the scale's ends. */
export function outside({ values, range: { min, max } }: Shown): number {
  const spare = 1e-6 * (max - min);
  let count = 0;
  for (const value of values) if (value < min - spare || value > max + spare) count++;
  return count / values.length;
}
