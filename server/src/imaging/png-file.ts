/** PNG's file format (specification, third edition): signature, chunks, checksums. */

import { crc32 } from 'node:zlib';
import type { DeflatedPart } from './deflate';
import { zlibStream } from './deflate';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Colour types of the PNG specification (third edition, 11.2.1). */
export const enum ColourType {
  Grey = 0,
  Rgb = 2,
  Indexed = 3,
}

export function requireSize(width: number, height: number, length: number, channels: number): void {
  if (width > 0 && height > 0 && length === width * height * channels) return;
  throw new RangeError(
    `${length} samples do not make a ${width}x${height} picture of ${channels} each pixel.`,
  );
}

/** The file's chunks around the compressed parts. */
export function pngFile(
  width: number,
  height: number,
  colourType: ColourType,
  extra: readonly Buffer[],
  parts: readonly DeflatedPart[],
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = colourType;
  const pieces = [SIGNATURE, chunk('IHDR', header), ...extra];
  // One chunk for each part: a chunk's length has 31 bits.
  pieces.push(...zlibStream(parts).map((part) => chunk('IDAT', part)));
  pieces.push(chunk('IEND', new Uint8Array(0)));
  return Buffer.concat(pieces);
}

/** Length, type, content and the CRC of type and content. */
export function chunk(type: string, content: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(content.length + 12);
  out.writeUInt32BE(content.length, 0);
  out.write(type, 4, 'latin1');
  out.set(content, 8);
  out.writeUInt32BE(crc32(out.subarray(4, content.length + 8)), content.length + 8);
  return out;
}
