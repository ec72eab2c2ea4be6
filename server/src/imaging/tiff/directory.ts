/** TIFF directories: tags and their values, little- and big-endian, classic and BigTIFF (TIFF 6.0, section 2). */

import type { ImageFile } from '../image-file';
import { PictureError } from '../problems';

/** Numbers by tag: whole numbers, or the quotient of each rational. */
export interface Directory {
  readonly bigEndian: boolean;
  /** Directories in the file, of which this is the first. */
  readonly count: number;
  has(tag: number): boolean;
  /** No more than `most` of them. */
  numbers(tag: number, most?: number): readonly number[] | null;
  /** The first number. */
  number(tag: number, otherwise: number): number;
  /** As they are in the file. */
  bytes(tag: number): Buffer | null;
}

/** Bytes a value of each type takes; the types that hold text or nothing of use here have none. */
const SIZES: Readonly<Record<number, number>> = {
  1: 1, // BYTE
  3: 2, // SHORT
  4: 4, // LONG
  5: 8, // RATIONAL
  6: 1, // SBYTE
  7: 1, // UNDEFINED
  8: 2, // SSHORT
  9: 4, // SLONG
  10: 8, // SRATIONAL
  11: 4, // FLOAT
  12: 8, // DOUBLE
  13: 4, // IFD
  16: 8, // LONG8
  17: 8, // SLONG8
  18: 8, // IFD8
};

interface Entry {
  readonly type: number;
  readonly count: number;
  readonly offset: number;
}

/** A directory has some 20 tags; libtiff refuses more than this in a BigTIFF. */
const MOST_TAGS = 4096;

/** The most that any tag but the lists of chunks has: a palette of 256 colors. */
const MOST_NUMBERS = 768;

/** Counting further would not change the message. */
const MOST_DIRECTORIES = 65_536;

/** The first directory. Every range is checked against the file before it is read. @throws PictureError */
export function readDirectory(file: ImageFile): Directory {
  const reader = new Reader(file, file.slice(0, 1)[0] === 0x4d);
  const big = reader.u16(2) === 43;
  if (big && (reader.u16(4) !== 8 || reader.u16(6) !== 0))
    throw PictureError.damaged('its header cannot be read');
  const first = big ? reader.u64(8) : reader.u32(4);
  const { entries, next } = readEntries(reader, first, big);

  const values = (tag: number, most = MOST_NUMBERS): readonly number[] | null => {
    const entry = entries.get(tag);
    return entry === undefined
      ? null
      : numbersOf(reader, { ...entry, count: Math.min(entry.count, most) }, tag);
  };
  return {
    bigEndian: reader.bigEndian,
    count: countDirectories(reader, first, next, big),
    has: (tag) => entries.has(tag),
    numbers: values,
    number: (tag, otherwise) => values(tag)?.[0] ?? otherwise,
    bytes: (tag) => {
      const entry = entries.get(tag);
      return entry === undefined ? null : file.slice(entry.offset, entry.offset + sizeOf(entry));
    },
  };
}

const sizeOf = ({ type, count }: Entry): number => (SIZES[type] ?? 1) * count;

function readEntries(
  reader: Reader,
  offset: number,
  big: boolean,
): { entries: Map<number, Entry>; next: number } {
  const [head, length, inline] = big ? [8, 20, 8] : [2, 12, 4];
  const count = big ? reader.u64(offset) : reader.u16(offset);
  if (count > MOST_TAGS) throw PictureError.damaged(`its directory announces ${count} tags`);
  const entries = new Map<number, Entry>();
  for (let i = 0; i < count; i++) {
    const at = offset + head + i * length;
    const type = reader.u16(at + 2);
    const values = big ? reader.u64(at + 4) : reader.u32(at + 4);
    const value = at + length - inline;
    const bytes = (SIZES[type] ?? 1) * values;
    const place = bytes <= inline ? value : big ? reader.u64(value) : reader.u32(value);
    // A tag twice: libtiff takes the first. A tag of a value that lies outside is missed only where it is needed.
    const tag = reader.u16(at);
    if (!entries.has(tag)) entries.set(tag, { type, count: values, offset: place });
  }
  const end = offset + head + count * length;
  // Some writers end the file with the last tag.
  const ends = end + inline > reader.length;
  return { entries, next: ends ? 0 : big ? reader.u64(end) : reader.u32(end) };
}

function numbersOf(reader: Reader, entry: Entry, tag: number): readonly number[] {
  const { type, count, offset } = entry;
  const size = SIZES[type];
  if (size === undefined) throw PictureError.damaged(`tag ${tag} has no numbers`);
  if (offset + size * count > reader.length)
    throw PictureError.damaged(`tag ${tag} lies outside of the file`);
  return Array.from({ length: count }, (_, i) => reader.value(type, offset + i * size));
}

/** Follows the chain, once through each. */
function countDirectories(reader: Reader, first: number, next: number, big: boolean): number {
  const seen = new Set([first]);
  while (next !== 0 && !seen.has(next) && seen.size < MOST_DIRECTORIES && next + 8 <= reader.length) {
    seen.add(next);
    const count = big ? reader.u64(next) : reader.u16(next);
    const end = next + (big ? 8 + count * 20 : 2 + count * 12);
    if (end + (big ? 8 : 4) > reader.length) break;
    next = big ? reader.u64(end) : reader.u32(end);
  }
  return seen.size;
}

class Reader {
  constructor(
    private readonly file: ImageFile,
    readonly bigEndian: boolean,
  ) {}

  get length(): number {
    return this.file.length;
  }

  u16(at: number): number {
    const bytes = this.bytes(at, 2);
    return this.bigEndian ? bytes.readUInt16BE() : bytes.readUInt16LE();
  }

  u32(at: number): number {
    const bytes = this.bytes(at, 4);
    return this.bigEndian ? bytes.readUInt32BE() : bytes.readUInt32LE();
  }

  /** Those above 2^53 lose their last bits, which no file is long enough to need. */
  u64(at: number): number {
    const bytes = this.bytes(at, 8);
    return Number(this.bigEndian ? bytes.readBigUInt64BE() : bytes.readBigUInt64LE());
  }

  value(type: number, at: number): number {
    switch (type) {
      case 1:
      case 7:
        return this.bytes(at, 1)[0] as number;
      case 6:
        return this.bytes(at, 1).readInt8();
      case 3:
        return this.u16(at);
      case 8:
        return (this.u16(at) << 16) >> 16;
      case 5:
        return this.u32(at) / this.u32(at + 4);
      case 9:
        return this.u32(at) | 0;
      case 10:
        return (this.u32(at) | 0) / (this.u32(at + 4) | 0);
      case 11:
        return this.bigEndian ? this.bytes(at, 4).readFloatBE() : this.bytes(at, 4).readFloatLE();
      case 12:
        return this.bigEndian ? this.bytes(at, 8).readDoubleBE() : this.bytes(at, 8).readDoubleLE();
      case 16:
      case 17:
      case 18:
        return this.u64(at);
      default:
        return this.u32(at);
    }
  }

  private bytes(at: number, count: number): Buffer {
    if (at + count > this.file.length) throw PictureError.damaged('the file ends within its directory');
    return this.file.slice(at, at + count);
  }
}
