/** Writes shared libraries that have everything a loader reads first, header, segments and dynamic section, and no code. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface LibraryOptions {
  readonly needed?: readonly string[];
  /** ELF's number of the CPU; 62 is x86-64, 183 AArch64. */
  readonly machine?: number;
  /** What lies in `.nv_fatbin`: one fat binary, with machine code for each compute capability times ten. */
  readonly gpus?: readonly number[];
}

/** ELF-64, little-endian: header at 0, two program headers at 64, the dynamic section at 176, then its names. */
export function sharedLibrary({ needed = [], machine = 62, gpus }: LibraryOptions = {}): Buffer {
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
  return gpus === undefined ? file : withFatBinary(file, gpus);
}

/** A fat binary at the end, and behind it the sections: none, its own, and that of their names. */
function withFatBinary(library: Buffer, gpus: readonly number[]): Buffer {
  const entries = gpus.map((capability) => {
    const entry = Buffer.alloc(64 + 8); // eight bytes stand for the kernels
    entry.writeUInt16LE(2, 0);
    entry.writeUInt32LE(64, 4);
    entry.writeBigUInt64LE(8n, 8);
    entry.writeUInt32LE(capability, 28);
    return entry;
  });
  const head = Buffer.alloc(16);
  head.writeUInt32LE(0xba55ed50, 0);
  head.writeUInt16LE(16, 6);
  head.writeBigUInt64LE(BigInt(72 * gpus.length), 8);
  const padding = Buffer.alloc(8); // between two fat binaries, as linkers leave it
  const binary = Buffer.concat([padding, head, ...entries]);
  const names = Buffer.from('\0.nv_fatbin\0.shstrtab\0', 'latin1');
  const table = Buffer.alloc(3 * 64);
  const section = (index: number, name: number, offset: number, size: number): void => {
    table.writeUInt32LE(name, 64 * index);
    table.writeBigUInt64LE(BigInt(offset), 64 * index + 24);
    table.writeBigUInt64LE(BigInt(size), 64 * index + 32);
  };
  section(1, 1, library.length, binary.length);
  section(2, 12, library.length + binary.length, names.length);
  const file = Buffer.concat([library, binary, names, table]);
  file.writeBigUInt64LE(BigInt(file.length - table.length), 40);
  file.writeUInt16LE(64, 58);
  file.writeUInt16LE(3, 60);
  file.writeUInt16LE(2, 62);
  return file;
}

export function writeSharedLibrary(path: string, options?: LibraryOptions): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, sharedLibrary(options));
}
