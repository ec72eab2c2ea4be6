/** From a chunk's bytes to numbers: bits, byte order, differences. */

import { PictureError } from '../problems';
import type { TiffLayout } from './layout';

/** One sample each: 0 to 2^bits - 1. */
export type Samples = Uint8Array | Uint16Array;

/** Paints one pixel: `samples[s]` and those after it to `rgb[o]` and the two after it. */
export type Painter = (samples: Samples, s: number, rgb: Uint8Array, o: number) => void;

/** Of 1, 2 and 4 bits, highest first, rows beginning with a byte; 8 bits are the bytes themselves. */
export function unpackSamples(
  bytes: Uint8Array,
  { bits, bigEndian }: Pick<TiffLayout, 'bits' | 'bigEndian'>,
  perRow: number,
  rows: number,
): Samples {
  if (bits === 8) return bytes;
  if (bits === 16) {
    const samples = new Uint16Array(perRow * rows);
    const [high, low] = bigEndian ? [0, 1] : [1, 0];
    for (let i = 0; i < samples.length; i++)
      samples[i] = ((bytes[2 * i + high] as number) << 8) | (bytes[2 * i + low] as number);
    return samples;
  }
  const samples = new Uint8Array(perRow * rows);
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  const rowBytes = Math.ceil(perRow / perByte);
  for (let y = 0, o = 0; y < rows; y++) {
    for (let x = 0; x < perRow; x++) {
      const byte = bytes[y * rowBytes + Math.floor(x / perByte)] as number;
      samples[o++] = (byte >> (8 - bits * ((x % perByte) + 1))) & mask;
    }
  }
  return samples;
}

/** Horizontal differencing (TIFF 6.0, section 14): each sample is the difference to that of the pixel before. In place. */
export function undoPredictor(samples: Samples, width: number, channels: number, rows: number): void {
  if (samples.length !== width * channels * rows)
    throw PictureError.unsupported('a predictor over packed samples');
  for (let y = 0; y < rows; y++) {
    const end = (y + 1) * width * channels;
    for (let i = y * width * channels + channels; i < end; i++)
      samples[i] = (samples[i] as number) + (samples[i - channels] as number); // wraps, as is meant
  }
}

/** A copy with the bits of every byte the other way round. */
export function reverseBits(bytes: Uint8Array): Buffer {
  const reversed = Buffer.allocUnsafe(bytes.length);
  for (let i = 0; i < bytes.length; i++) reversed[i] = REVERSED[bytes[i] as number] as number;
  return reversed;
}

const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) reversed |= ((byte >> bit) & 1) << (7 - bit);
  return reversed;
});
