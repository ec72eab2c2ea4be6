/** RLE8 and RLE4: (count, value) runs; (0, 0) ends a row, (0, 1) the picture, (0, 2) moves, (0, n) is n literal pixels. */

import { PictureError } from '../problems';
import { Compression } from './header';
import type { BmpHeader } from './header';

/**
 * Palette indices in display order; what no run covers has index 0.
 *
 * Two customs that Microsoft's page does not know: ImageMagick pads rows to four bytes within the runs, and
 * those pixels are skipped; other writers leave the end of a row out where a run fills it in RLE8, and OpenCV
 * continues in the next row.
 *
 * @throws PictureError
 */
export function readRuns(file: Buffer, header: BmpHeader): Uint8Array {
  const { width, height, bitsPerPixel } = header;
  const nibbles = header.compression === Compression.Rle4;
  /** Of a row with its padding, in pixels. */
  const stride = (Math.ceil((width * bitsPerPixel) / 32) * 32) / bitsPerPixel;
  const indices = new Uint8Array(width * height);
  let at = header.pixelOffset;
  let x = 0;
  let line = 0;
  /** The row is complete, and the last code was a run. */
  let filled = false;
  const next = (): number => {
    const byte = file[at++];
    if (byte === undefined) throw PictureError.damaged('the file ends within its run lengths');
    return byte;
  };
  const put = (value: number): void => {
    if (x >= stride || line >= height) throw PictureError.damaged('its run lengths leave the picture');
    if (x < width) indices[(header.topDown ? line : height - 1 - line) * width + x] = value;
    x++;
  };
  const pixel = (byte: number, i: number) => (nibbles ? (i % 2 === 0 ? byte >> 4 : byte & 15) : byte);
  while (line < height) {
    const count = next();
    const value = next();
    const ends = count === 0 && value < 2;
    if (filled && !ends && !nibbles && !isPadding(file, at - 2, stride - width)) {
      x = 0;
      line++;
    }
    filled = false;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(pixel(value, i));
      filled = x === width;
    } else if (value === 0) {
      x = 0;
      line++;
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      x += next();
      line += next();
    } else {
      const start = at;
      for (let i = 0, byte = 0; i < value; i++) {
        if (!nibbles || i % 2 === 0) byte = next();
        put(pixel(byte, i));
      }
      at += (at - start) % 2; // literals are padded to 16 bits
    }
  }
  return indices;
}

/** Whether the runs from `at` to the end of the row fit into the given number of pixels. */
function isPadding(file: Buffer, at: number, most: number): boolean {
  let pixels = 0;
  for (; pixels <= most; at += 2) {
    const count = file[at];
    if (count === undefined) return false;
    if (count === 0) return (file[at + 1] as number) < 2;
    pixels += count;
  }
  return false;
}
