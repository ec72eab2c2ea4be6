/** PNG's filtered rows (specification, 9.2): each the difference to floor((left + above) / 2), filter type Average. */

import { BYTES, GUARDS } from './packed';

const AVERAGE = 3;

/**
 * Rows of packed RGB pixels. Average is chosen for speed: Paeth makes files a fifth smaller, but its unpredictable
 * branches take five times as long, and Sub makes them larger.
 *
 * @param above the row above the first one, zeros where there is none; afterwards the last row
 * @param out a byte for the filter type and three a pixel, row by row
 */
export function filterRgb(pixels: Int32Array, above: Int32Array, out: Uint8Array): void {
  const width = above.length;
  const stride = 3 * width + 1;
  for (let p = 0, o = 0; p < pixels.length; p += width, o += stride) {
    out[o] = AVERAGE;
    filterRgbRow(pixels, p, above, out, o + 1);
  }
}

function filterRgbRow(
  pixels: Int32Array,
  p: number,
  above: Int32Array,
  out: Uint8Array,
  start: number,
): void {
  const [bytes, guards] = [BYTES, GUARDS];
  let left = 0;
  for (let x = 0, o = start; x < above.length; x++, o += 3) {
    const pixel = pixels[p + x] as number;
    // The guard bits lend to the channels whose difference is negative.
    const difference = (pixel | guards) - (((left + (above[x] as number)) >>> 1) & bytes);
    out[o] = difference;
    out[o + 1] = difference >>> 10;
    out[o + 2] = difference >>> 20;
    above[x] = left = pixel;
  }
}

/** Rows of single bytes. Parameters as above. */
export function filterGrey(levels: Uint8Array, above: Uint8Array, out: Uint8Array): void {
  const width = above.length;
  for (let p = 0, o = 0; p < levels.length; p += width, o += width + 1) {
    out[o] = AVERAGE;
    filterGreyRow(levels, p, above, out, o + 1);
  }
}

function filterGreyRow(levels: Uint8Array, p: number, above: Uint8Array, out: Uint8Array, o: number): void {
  let left = 0;
  for (let x = 0; x < above.length; x++) {
    const level = levels[p + x] as number;
    out[o + x] = level - ((left + (above[x] as number)) >> 1);
    above[x] = left = level;
  }
}
