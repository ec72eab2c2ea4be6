/** Colours on pictures: a 0..1 map as palette levels, as RGB, or blended half and half over a picture. */

import type { ColourTable } from './colour-maps';
import type { FloatMap, GreyImage, RgbImage } from './image';

/** trunc(255 * v) of a 0..1 map: an index into a colour table. Values outside are clamped, NaN becomes 0. */
export function toLevels(map: FloatMap): GreyImage {
  const data = new Uint8Array(map.width * map.height);
  for (let i = 0; i < data.length; i++) data[i] = level(map.data[i] as number);
  return { width: map.width, height: map.height, data };
}

/** Every level replaced by its colour. */
export function colourise(levels: GreyImage, table: ColourTable): RgbImage {
  const data = new Uint8Array(levels.data.length * 3);
  for (let i = 0, o = 0; o < data.length; i++, o += 3) {
    const c = (levels.data[i] as number) * 3;
    data[o] = table[c] as number;
    data[o + 1] = table[c + 1] as number;
    data[o + 2] = table[c + 2] as number;
  }
  return { width: levels.width, height: levels.height, data };
}

/**
 * 0.5 * picture + 0.5 * table[trunc(255 * heat)], halves rounded to even as `cv2.addWeighted` rounds them; both have
 * the same size.
 */
export function overlay(picture: RgbImage, heat: FloatMap, table: ColourTable): RgbImage {
  const { width, height } = picture;
  if (heat.width !== width || heat.height !== height) {
    throw new RangeError(`Cannot lay a ${heat.width}x${heat.height} map over a ${width}x${height} picture.`);
  }
  const data = new Uint8Array(width * height * 3);
  for (let i = 0, o = 0; o < data.length; i++, o += 3) {
    const c = level(heat.data[i] as number) * 3;
    data[o] = half((picture.data[o] as number) + (table[c] as number));
    data[o + 1] = half((picture.data[o + 1] as number) + (table[c + 1] as number));
    data[o + 2] = half((picture.data[o + 2] as number) + (table[c + 2] as number));
  }
  return { width, height, data };
}

/** n / 2, halves to even. */
function half(n: number): number {
  const floor = n >> 1;
  return floor + (n & floor & 1);
}

/** `| 0` truncates, and makes NaN 0. */
function level(value: number): number {
  const scaled = Math.fround(value * 255) | 0;
  return scaled < 0 ? 0 : scaled > 255 ? 255 : scaled;
}
