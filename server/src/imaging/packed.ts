/** RGB pixels as one integer each, ten bits a channel: one addition adds three channels and no sum of two runs over. */

import type { ColourTable } from './colour-maps';

/** The low eight bits of each channel, the lowest of each, and the bit above each byte. */
export const BYTES = packed(255, 255, 255);
export const ONES = packed(1, 1, 1);
export const GUARDS = ONES << 8;

export function packed(red: number, green: number, blue: number): number {
  return red | (green << 10) | (blue << 20);
}

/** RGB bytes from byte `start` on as `out.length` packed pixels. */
export function packRgb(data: Uint8Array, out: Int32Array, start = 0): void {
  for (let i = 0, at = start; i < out.length; i++, at += 3) {
    out[i] = packed(data[at] as number, data[at + 1] as number, data[at + 2] as number);
  }
}

export function unpackRgb(pixels: Int32Array): Uint8Array {
  const data = new Uint8Array(pixels.length * 3);
  for (let i = 0, o = 0; i < pixels.length; i++, o += 3) {
    const pixel = pixels[i] as number;
    data[o] = pixel;
    data[o + 1] = pixel >>> 10;
    data[o + 2] = pixel >>> 20;
  }
  return data;
}

/** The table's 256 colours as packed pixels. */
export function packColours(table: ColourTable): Int32Array {
  const colours = new Int32Array(256);
  packRgb(table, colours);
  return colours;
}
