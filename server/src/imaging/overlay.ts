/** Colours on pictures: a map as palette levels, or blended half and half over a picture. */

import { BYTES, ONES } from './packed';
import type { RangedMap } from './resample';

/** trunc(255 * (v - min) / (max - min)): an index into a colour table for each value. */
export function toLevels({ data, min, max }: RangedMap, out: Uint8Array): void {
  const scale = WHITE / (max - min);
  for (let i = 0; i < out.length; i++) out[i] = level(data[i] as number, min, scale);
}

/**
 * 0.5 * picture + 0.5 * colours[level], halves rounded to even as `cv2.addWeighted` rounds them. All pixels packed.
 */
export function blend(
  picture: Int32Array,
  { data, min, max }: RangedMap,
  colours: Int32Array,
  out: Int32Array,
): void {
  if (data.length !== picture.length || out.length !== picture.length) {
    throw new RangeError(`Cannot lay a map of ${data.length} values over ${picture.length} pixels.`);
  }
  const scale = WHITE / (max - min);
  const [bytes, ones] = [BYTES, ONES];
  for (let i = 0; i < out.length; i++) {
    const sum = (colours[level(data[i] as number, min, scale)] as number) + (picture[i] as number);
    const floor = (sum >>> 1) & bytes;
    out[i] = floor + (sum & floor & ones);
  }
}

/** A hair above 255, so that the largest value becomes 255 whatever its product with the scale rounds to. */
const WHITE = 255 * (1 + 2 ** -40);

function level(value: number, min: number, scale: number): number {
  return ((value - min) * scale) | 0;
}
