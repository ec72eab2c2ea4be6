/** From a raw map to a smooth heatmap: resize, min-max, Gaussian blur 15x15, min-max. */

import type { FloatMap } from './float-map';
import type { PixelKernels } from './kernels';
import { divide, greatest, least, sum } from './reduce';
import { Resampler } from './resample';
import { bilinearTaps, resizeMap } from './resize-map';
import type { Range, RangedValues, Taps } from './separable';

/** Below this range (max - min) a map shows nothing and becomes all zero. */
const BLANK_RANGE = 1e-8;

/** A range that is not blank whatever was rounded on the way; and one that clears even this. */
const CLEARLY = 100 * BLANK_RANGE;
const CLEAR = 10 * CLEARLY;

/** OpenCV's automatic sigma for 15 taps: 0.3 * ((15 - 1) * 0.5 - 1) + 0.8. */
const BLUR_SIZE = 15;
const REACH = (BLUR_SIZE - 1) / 2;
const BLUR_SIGMA = 2.6;

/** [y][x]; shown as 0..1 by its range. Overwritten by the next map that the same object makes. */
export interface Heatmap extends RangedValues {
  /** True where the picture shows nothing (all values are `min`): max - min <= 1e-8, or a value that is not finite. */
  readonly blank: boolean;
  /** What a value v stands for in the map's own units: `unit.min + v * unit.scale`. */
  readonly unit: Unit;
}

/** How a map is scaled to 0..1: (v - min) / scale. */
export interface Unit {
  readonly min: number;
  readonly scale: number;
}

/** Of a map that shows nothing. */
const NO_UNIT: Unit = { min: 0, scale: 0 };

/**
 * `minmax(blur(minmax(resize(map))))` at one size, the reference pipeline's heatmap; the last min-max is left to the code that
 * colors it.
 *
 * Resize and blur are linear and min-max is affine, so the inner min-max cancels and resize and blur combine into
 * one banded matrix per side (`B_y R_y map R_x' B_x'`): a 12x12 map needs 3 taps a pixel and axis instead of 17.
 * Only the blank rule looks at the range in between. Equal to the four steps in a row up to rounding.
 */
export class Heatmaps {
  private readonly resampler: Resampler;

  constructor(
    kernels: PixelKernels,
    readonly width: number,
    readonly height: number,
  ) {
    this.resampler = new Resampler(kernels, width, height, blurredBands);
  }

  /** @param rectified the map goes through ReLU first */
  of(map: FloatMap, rectified = false): Heatmap {
    const unit = unitOf(this.resampler.load(map, rectified));
    if (unit === null) return this.nothing();
    const heat = this.resampler.resample(map, unit.min, unit.scale);
    const blank = this.isNothing(rectified ? relu : same, map, heat.max - heat.min, unit.scale);
    return blank ? this.nothing() : { ...heat, blank: false, unit };
  }

  /** As `of(map, rectified).blank`: where two pixels of the heatmap lie well apart, the others need not be known. */
  isBlank(map: FloatMap, rectified = false): boolean {
    const unit = unitOf(this.resampler.load(map, rectified));
    if (unit === null) return true;
    const apart = this.extent(map, rectified);
    if (apart > CLEAR * unit.scale && apart > CLEAR) return false;
    return this.of(map, rectified).blank;
  }

  /** How far the pixels lie apart in which the map's greatest and its least value are shown. */
  private extent(map: FloatMap, rectified: boolean): number {
    const { width, height, data } = map;
    let [high, low] = [0, 0];
    for (let i = 1; i < data.length; i++) {
      if ((data[i] as number) > (data[high] as number)) high = i;
      if ((data[i] as number) < (data[low] as number)) low = i;
    }
    const [top = 0, bottom = 0] = [high, low].map((i) => {
      const x = Math.floor((((i % width) + 0.5) * this.width) / width);
      const y = Math.floor(((Math.floor(i / width) + 0.5) * this.height) / height);
      return this.resampler.at(map, x, y, rectified ? (v) => Math.max(v, 0) : (v) => v);
    });
    return top - bottom;
  }

  /**
   * The two blank rules of the four steps. Nearly always the first comparison settles both: resizing and blurring
   * average, so neither widens a range, and a blurred range well above the limit clears every range before it.
   */
  private isNothing(
    shown: (map: FloatMap) => FloatMap,
    map: FloatMap,
    range: number,
    scale: number,
  ): boolean {
    if (range > CLEARLY && range * scale > CLEARLY) return false;
    const { data } = resizeMap(shown(map), this.width, this.height);
    const resized = greatest(data) - least(data);
    return resized <= BLANK_RANGE || (range * scale) / resized <= BLANK_RANGE;
  }

  private nothing(): Heatmap {
    return { room: this.resampler.constant(0), min: 0, max: 1, blank: true, unit: NO_UNIT };
  }
}

/** Null if scale, max - min, is <= 1e-8 or not finite. */
function unitOf(range: Range | null): Unit | null {
  if (range === null) return null;
  const scale = range.max - range.min;
  return scale > BLANK_RANGE ? { min: range.min, scale } : null;
}

/** Activations at one size: min-max scaled, then resized bilinearly, which cannot leave 0..1. */
export class ScaledMaps {
  private readonly resampler: Resampler;

  constructor(kernels: PixelKernels, width: number, height: number) {
    this.resampler = new Resampler(kernels, width, height, bilinearBands);
  }

  /** Overwritten by the next call. */
  of(map: FloatMap): Heatmap {
    const unit = unitOf(this.resampler.load(map));
    const room =
      unit === null ? this.resampler.constant(0) : this.resampler.resample(map, unit.min, unit.scale).room;
    return { room, min: 0, max: 1, blank: unit === null, unit: unit ?? NO_UNIT };
  }
}

/** Scaled to 0..1 by (v - min) / (max - min); all zero if that range is <= 1e-8 or not finite. */
export function minMax({ width, height, data }: FloatMap): FloatMap {
  // A sum of finite float32 values is finite in double precision.
  const unit = Number.isFinite(sum(data)) ? unitOf({ min: least(data), max: greatest(data) }) : null;
  const out = new Float32Array(data.length);
  if (unit !== null) divide(data, unit.min, unit.scale, out);
  return { width, height, data: out };
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

const same = (map: FloatMap): FloatMap => map;

/** Half-pixel centers, as `resizeMap`. */
export function bilinearBands(sourceLength: number, length: number): Taps {
  const { left, right, weight } = bilinearTaps(sourceLength, length);
  const indices = new Int32Array(2 * length);
  const weights = new Float64Array(2 * length);
  for (let i = 0; i < length; i++) {
    const share = weight[i] as number;
    indices[2 * i] = left[i] as number;
    indices[2 * i + 1] = right[i] as number;
    weights[2 * i] = 1 - share;
    weights[2 * i + 1] = share;
  }
  return { length, span: 2, indices, weights };
}

/** `B R`: bilinear resampling, then the blur of `cv2.GaussianBlur(map, (15, 15), 0)`: reflect-101 border. */
export function blurredBands(sourceLength: number, length: number): Taps {
  const { left, right, weight } = bilinearTaps(sourceLength, length);
  const kernel = gaussianKernel();
  // The blur at i reads positions within REACH of i, also where it is reflected at the borders; and source
  // indices rise with positions.
  const first = (i: number): number => left[Math.max(i - REACH, 0)] as number;
  const last = (i: number): number => {
    const at = Math.min(i + REACH, length - 1);
    return ((weight[at] as number) > 0 ? right[at] : left[at]) as number;
  };
  let span = 1;
  for (let i = 0; i < length; i++) span = Math.max(span, last(i) - first(i) + 1);
  const indices = new Int32Array(length * span);
  const weights = new Float64Array(length * span);
  for (let i = 0; i < length; i++) {
    // At the end a band begins earlier, so that all of it lies inside.
    const from = Math.min(first(i), sourceLength - span);
    const start = i * span - from;
    for (let k = from; k < from + span; k++) indices[start + k] = k;
    for (let t = -REACH; t <= REACH; t++) {
      const at = i + t >= 0 && i + t < length ? i + t : reflect101(i + t, length);
      const g = kernel[t + REACH] as number;
      const share = weight[at] as number;
      const near = start + (left[at] as number);
      weights[near] = (weights[near] as number) + g * (1 - share);
      if (share === 0) continue;
      const far = start + (right[at] as number);
      weights[far] = (weights[far] as number) + g * share;
    }
  }
  return { length, span, indices, weights };
}

/** exp(-(i - 7)^2 / (2 sigma^2)), normalized to sum 1. */
function gaussianKernel(): Float64Array {
  const kernel = new Float64Array(BLUR_SIZE);
  let sum = 0;
  for (let i = 0; i < BLUR_SIZE; i++) {
    const value = Math.exp(-((i - REACH) ** 2) / (2 * BLUR_SIGMA ** 2));
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
