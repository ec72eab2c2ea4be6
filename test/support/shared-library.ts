/** Writes shared libraries that have everything a loader reads first, header, segments and dynamic section, and no code. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface LibraryOptions {
  readonly needed?: readonly string[];
  /** ELF's number of the CPU; 62 is x86-64, 183 AArch64. */
  readonly machine?: number;
}

/** ELF-64, little-endian: header at 0, two program headers at 64, the dynamic section at 176, then its names. */
export function sharedLibrary({ needed = [], machine = 62 }: LibraryOptions = {}): Buffer {
  const base = 0x10000; // addresses differ from positions in the file, as in real libraries
  const names = Buffer.from(`\0${needed.map((name) => `${name}\0`).join('')}`, 'latin1');
  const offsets = needed.map((_, i) => 1 + needed.slice(0, i).join('\0').length + (i > 0 ? 1 : 0));
  const dynamicSize = 16 * (needed.length + 3);
  const namesAt = 176 + dynamicSize;
  const file = Buffer.alloc(namesAt + names.length);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(3, 16); // a shared object
  file.writeUInt16LE(machine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(2, 56);
  const segment = (at: number, type: number, offset: number, size: number): void => {
    file.writeUInt32LE(type, at);
    file.writeBigUInt64LE(BigInt(offset), at + 8);
    file.writeBigUInt64LE(BigInt(base + offset), at + 16);
    file.writeBigUInt64LE(BigInt(size), at + 32);
    file.writeBigUInt64LE(BigInt(size), at + 40);
  };
  segment(64, 1, 0, file.length);
  segment(120, 2, 176, dynamicSize);
  const entries: readonly (readonly [number, number])[] = [
    ...offsets.map((offset) => [1, offset] as const),
    [5, base + namesAt],
    [10, names.length],
  ];
  for (const [i, [tag, value]] of entries.entries()) {
    file.writeBigUInt64LE(BigInt(tag), 176 + 16 * i);
    file.writeBigUInt64LE(BigInt(value), 176 + 16 * i + 8);
  }
  file.set(names, namesAt);
  return file;
}

export function writeSharedLibrary(path: string, options?: LibraryOptions): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, sharedLibrary(options));
}
