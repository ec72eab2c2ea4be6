/**
 * What a Linux shared library says about itself: for which CPU it is, which libraries it needs, and where its
 * parts are.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export interface SharedLibrary {
  /** Such as `x86-64`. */
  readonly machine: string;
  /** File names that the loader has to find (DT_NEEDED), in order. */
  readonly needed: readonly string[];
  /** By name, such as `.nv_fatbin`; empty where the table was stripped. */
  readonly sections: ReadonlyMap<string, Section>;
}

/** A part of the file, in bytes. */
export interface Section {
  readonly offset: number;
  readonly size: number;
}

export type Read = (offset: number, size: number) => Buffer;

const machines: ReadonlyMap<number, string> = new Map([
  [3, 'x86'],
  [40, 'ARM'],
  [62, 'x86-64'],
  [183, 'AArch64'],
]);

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_NEEDED = 1n;
const DT_STRTAB = 5n;
const DT_STRSZ = 10n;
/** Far beyond any library; a damaged file must not ask for gigabytes. */
const MOST = 1 << 22;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/**
 * System V ABI, "ELF-64 object file format": header, program headers, dynamic section.
 * @returns null where the file is no 64-bit little-endian ELF file, is cut short, or cannot be read
 */
export function readSharedLibrary(path: string): SharedLibrary | null {
  return readFrom(path, parse);
}

/** @returns null where the file cannot be read, or where `use` asks for what is not there */
export function readFrom<T>(path: string, use: (read: Read, length: number) => T): T | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    return use((offset, size) => bytesAt(file, offset, size), fstatSync(file).size);
  } catch {
    return null; // cut short, or not what its first bytes claim
  } finally {
    closeSync(file);
  }
}

function bytesAt(file: number, offset: number, size: number): Buffer {
  if (!(offset >= 0 && size >= 0 && size <= MOST)) throw new RangeError('beyond any library');
  const buffer = Buffer.alloc(size);
  if (readSync(file, buffer, 0, size, offset) !== size) throw new RangeError('cut short');
  return buffer;
}

function parse(read: Read, length: number): SharedLibrary | null {
  const header = read(0, 64);
  const isElf64 = header.readUInt32BE(0) === 0x7f454c46 && header[4] === 2 && header[5] === 1;
  if (!isElf64) return null;
  const code = header.readUInt16LE(18);
  const machine = machines.get(code) ?? `machine ${code}`;
  const segments = readSegments(read, header);
  if (segments.some(({ type, offset, size }) => type === PT_LOAD && offset + size > length)) return null;
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  const sections = readSections(read, header);
  if (dynamic === undefined) return { machine, needed: [], sections };
  const entries = read(dynamic.offset, dynamic.size);
  const tags: (readonly [bigint, number])[] = [];
  for (let at = 0; at + 16 <= entries.length; at += 16)
    tags.push([entries.readBigUInt64LE(at), Number(entries.readBigUInt64LE(at + 8))]);
  const valueOf = (tag: bigint): number => tags.find(([found]) => found === tag)?.[1] ?? 0;
  const names = read(offsetOf(segments, valueOf(DT_STRTAB)), valueOf(DT_STRSZ));
  const needed = tags.filter(([tag]) => tag === DT_NEEDED).map(([, at]) => textAt(names, at));
  return { machine, needed, sections };
}

function readSegments(read: Read, header: Buffer): readonly Segment[] {
  const [offset, size, count] = [
    Number(header.readBigUInt64LE(32)),
    header.readUInt16LE(54),
    header.readUInt16LE(56),
  ];
  return Array.from({ length: count }, (_, i) => {
    const entry = read(offset + i * size, 56);
    return {
      type: entry.readUInt32LE(0),
      offset: Number(entry.readBigUInt64LE(8)),
      address: Number(entry.readBigUInt64LE(16)),
      size: Number(entry.readBigUInt64LE(32)),
    };
  });
}

function readSections(read: Read, header: Buffer): ReadonlyMap<string, Section> {
  const [table, size, count, names] = [
    Number(header.readBigUInt64LE(40)),
    header.readUInt16LE(58),
    header.readUInt16LE(60),
    header.readUInt16LE(62),
  ];
  if (table === 0 || count === 0) return new Map();
  const found = Array.from({ length: count }, (_, i) => {
    const entry = read(table + i * size, 64);
    return {
      name: entry.readUInt32LE(0),
      offset: Number(entry.readBigUInt64LE(24)),
      size: Number(entry.readBigUInt64LE(32)),
    };
  });
  const strings = found[names];
  if (strings === undefined) return new Map();
  const text = read(strings.offset, strings.size);
  return new Map(found.map(({ name, offset, size: bytes }) => [textAt(text, name), { offset, size: bytes }]));
}

/** From an address in memory to a position in the file. */
function offsetOf(segments: readonly Segment[], address: number): number {
  const holder = segments.find(
    (segment) =>
      segment.type === PT_LOAD && address >= segment.address && address < segment.address + segment.size,
  );
  if (holder === undefined) throw new RangeError('an address outside of every segment');
  return address - holder.address + holder.offset;
}

function textAt(names: Buffer, at: number): string {
  const end = names.indexOf(0, at);
  if (at >= names.length || end < 0) throw new RangeError('a name outside of the table');
  return names.toString('latin1', at, end);
}
