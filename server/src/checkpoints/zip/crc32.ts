/** CRC-32 as zip uses it (reflected polynomial 0xEDB88320), running over chunks. */
import * as zlib from 'node:zlib';

/** The checksum of everything before `bytes` goes in as `before` (0 at first), the one including `bytes` comes out. */
export type Crc32 = (bytes: Uint8Array, before: number) => number;

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** One table look-up a byte: for Node before 20.15, whose zlib does not offer its own. */
export function crc32InScript(bytes: Uint8Array, before: number): number {
  let crc = ~before;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

const native = (zlib as { crc32?: (data: Uint8Array, value?: number) => number }).crc32;

export const crc32: Crc32 = native ?? crc32InScript;
