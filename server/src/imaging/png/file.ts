/** PNG's file format (specification, third edition): signature, chunks, checksums. */

import { crc32 } from 'node:zlib';
import type { DeflatedPart } from './deflate';
import { zlibStream } from './deflate';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Color types of the PNG specification (third edition, 11.2.1). */
export const enum ColorType {
  Gray = 0,
  Rgb = 2,
  Indexed = 3,
}

export function requireSize(width: number, height: number, length: number, channels: number): void {
  if (width > 0 && height > 0 && length === width * height * channels) return;
  throw new RangeError(
    `${length} samples do not make a ${width}x${height} picture of ${channels} each pixel.`,
  );
}

/** A chunk's type and content. */
export type Chunk = readonly [type: string, content: Uint8Array];

/** The file's chunks around the compressed parts, each part in one of its own: a chunk's length has 31 bits. */
export function pngFile(
  width: number,
  height: number,
  colorType: ColorType,
  extra: readonly Chunk[],
  parts: readonly DeflatedPart[],
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = colorType;
  const chunks: readonly Chunk[] = [
    ['IHDR', header],
    ...extra,
    ...zlibStream(parts).map((part): Chunk => ['IDAT', part]),
    ['IEND', new Uint8Array(0)],
  ];
  const length = chunks.reduce((sum, [, content]) => sum + content.length + 12, SIGNATURE.length);
  // Memory of its own, which a thread can hand over without a copy.
  const file = Buffer.allocUnsafeSlow(length);
  file.set(SIGNATURE);
  let at = SIGNATURE.length;
  for (const chunk of chunks) at = writeChunk(file, at, chunk);
  return file;
}

/** Length, type, content and the CRC of type and content. Returns where the next one goes. */
function writeChunk(file: Buffer, at: number, [type, content]: Chunk): number {
  const end = at + 8 + content.length;
  file.writeUInt32BE(content.length, at);
  file.write(type, at + 4, 'latin1');
  file.set(content, at + 8);
  return file.writeUInt32BE(crc32(file.subarray(at + 4, end)), end);
}
