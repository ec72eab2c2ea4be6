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
  const colours = new Int32Array(256);
  for (let i = 0, c = 0; i < 256; i++, c += 3) {
    colours[i] = packed(table[c] as number, table[c + 1] as number, table[c + 2] as number);
  }
  const source = picture.data;
  for (let i = 0, o = 0; o < data.length; i++, o += 3) {
    const sum =
      (colours[level(heat.data[i] as number)] as number) +
      packed(source[o] as number, source[o + 1] as number, source[o + 2] as number);
    const floor = (sum >>> 1) & BYTES;
    const half = floor + (sum & floor & ONES);
    data[o] = half;
    data[o + 1] = half >>> 10;
    data[o + 2] = half >>> 20;
  }
  return { width, height, data };
}

/** Three channels in one integer, ten bits each, so that one addition adds three and no sum of two runs over. */
function packed(red: number, green: number, blue: number): number {
  return red | (green << 10) | (blue << 20);
}

/** The low eight bits of each channel, and the lowest. */
const BYTES = packed(255, 255, 255);
const ONES = packed(1, 1, 1);

/** `| 0` truncates, and makes NaN 0. */
function level(value: number): number {
  const scaled = Math.fround(value * 255) | 0;
  return scaled < 0 ? 0 : scaled > 255 ? 255 : scaled;
}
