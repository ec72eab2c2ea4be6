/** Reads an archive: the names, sizes and bytes of its entries (PKWARE APPNOTE 4.3; no ZIP64, no encryption). */
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;

function endRecord(bytes, path) {
  const furthest = Math.max(0, bytes.length - 22 - 0xffff);
  for (let at = bytes.length - 22; at >= furthest; at--)
    if (bytes.readUInt32LE(at) === endSignature) return at;
  throw new Error(`${path}: expected a ZIP archive, found no end record.`);
}

/**
 * @param {string} path
 * @returns {{ name: string, size: number, packed: number, read: () => Buffer }[]} in the archive's order
 */
export function readArchive(path) {
  const bytes = readFileSync(path);
  const end = endRecord(bytes, path);
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  return Array.from({ length: count }, () => {
    if (bytes.readUInt32LE(at) !== entrySignature)
      throw new Error(`${path}: bad directory entry at byte ${at}.`);
    const method = bytes.readUInt16LE(at + 10);
    const packed = bytes.readUInt32LE(at + 20);
    const size = bytes.readUInt32LE(at + 24);
    const nameLength = bytes.readUInt16LE(at + 28);
    const local = bytes.readUInt32LE(at + 42);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    const read = () => {
      const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
      const content = bytes.subarray(start, start + packed);
      return method === 0 ? content : inflateRawSync(content);
    };
    return { name, size, packed, read };
  });
}
