/**
 * Values without height and width as bars around zero, drawn as a map of levels: never shown over the
 * picture.
 */
import type { FloatMap } from '../imaging/image';

/** Levels of a gray table. */
const GROUND = 1;
const ZERO_LINE = 0;
const POSITIVE = 0.25;
const NEGATIVE = 0.6;

interface Bar {
  readonly low: number;
  readonly high: number;
}

/**
 * One bar per column of the picture, or several columns per bar: each reaches from zero to its value; a
 * column for several values from the smallest to the largest of them, and to zero. What is not finite is left
 * out. @returns [height][width] levels, 0..1
 */
export function barMap(values: Float32Array, width: number, height: number): FloatMap {
  const count = Math.max(1, Math.min(values.length, width));
  const bars = Array.from({ length: count }, (_, i) => barOf(values, i, count));
  const low = Math.min(0, ...bars.map((bar) => bar.low));
  const high = Math.max(0, ...bars.map((bar) => bar.high));
  const row = (value: number): number =>
    high > low ? Math.round(((high - value) / (high - low)) * (height - 1)) : height - 1;
  const zero = row(0);
  const data = new Float32Array(width * height).fill(GROUND);
  for (let x = 0; x < width; x++) {
    const bar = bars[Math.floor((x * count) / width)] as Bar;
    // A gap after each bar, where there is room for one.
    const gap = width / count >= 4 && Math.floor(((x + 1) * count) / width) > Math.floor((x * count) / width);
    if (!gap) {
      for (let y = row(bar.high); y < zero; y++) data[y * width + x] = POSITIVE;
      for (let y = zero + 1; y <= row(bar.low); y++) data[y * width + x] = NEGATIVE;
    }
    data[zero * width + x] = ZERO_LINE;
  }
  return { width, height, data };
}

function barOf(values: Float32Array, index: number, count: number): Bar {
  const from = Math.floor((index * values.length) / count);
  const to = Math.floor(((index + 1) * values.length) / count);
  const finite = values.subarray(from, to).filter((value) => Number.isFinite(value));
  return { low: Math.min(0, ...finite), high: Math.max(0, ...finite) };
}

/** As a heatmap is blank: nothing to tell apart. */
export function isFlat(values: Float32Array): boolean {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) return true;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return !(most - least > 1e-8);
}
