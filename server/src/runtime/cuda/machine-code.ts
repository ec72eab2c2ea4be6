/** For which GPUs a library of CUDA kernels holds machine code: the heads of its fat binaries. */
import { readFrom, readSharedLibrary, type Read, type Section } from './elf';

/** What one fat binary begins with (`fatbinary_section.h` of the CUDA Toolkit). */
const MAGIC = 0xba55ed50;
const HEAD = 16;
const ENTRY = 64;
/** Of an entry: PTX, which the driver compiles for any later GPU, and machine code. */
const PTX = 1;
const MACHINE_CODE = 2;

export interface MachineCode {
  /** Compute capabilities times ten, ascending: 75 for 7.5. */
  readonly capabilities: readonly number[];
  /** Whether the driver can compile the kernels for GPUs that are newer than all of these. */
  readonly ptx: boolean;
}

/** @returns null where the file is not a library, or holds no kernels */
export function machineCode(path: string): MachineCode | null {
  const section = readSharedLibrary(path)?.sections.get('.nv_fatbin');
  return section === undefined ? null : readFrom(path, (read) => entriesOf(read, section));
}

/** One fat binary after the other, each a head and an entry a GPU: only heads are read. */
function entriesOf(read: Read, { offset, size }: Section): MachineCode | null {
  const capabilities = new Set<number>();
  let ptx = false;
  let at = offset;
  while (at + HEAD <= offset + size) {
    const head = read(at, HEAD);
    if (head.readUInt32LE(0) !== MAGIC) {
      at += 8; // they are aligned
      continue;
    }
    let entry = at + head.readUInt16LE(6);
    const end = entry + Number(head.readBigUInt64LE(8));
    while (entry + ENTRY <= end) {
      const fields = read(entry, ENTRY);
      const kind = fields.readUInt16LE(0);
      if (kind === MACHINE_CODE) capabilities.add(fields.readUInt32LE(28));
      ptx ||= kind === PTX;
      const next = entry + fields.readUInt32LE(4) + Number(fields.readBigUInt64LE(8));
      if (next <= entry) return null;
      entry = next;
    }
    at = Math.max(end, at + HEAD);
  }
  return capabilities.size === 0 ? null : { capabilities: [...capabilities].sort((a, b) => a - b), ptx };
}

/** "compute capability 7.5, 8.0 and 9.0" */
export function capabilityText({ capabilities, ptx }: MachineCode): string {
  const names = capabilities.map((each) => `${Math.floor(each / 10)}.${each % 10}`);
  const last = names.pop() ?? '';
  const listed = names.length === 0 ? last : `${names.join(', ')} and ${last}`;
  return `compute capability ${listed}${ptx ? ', and newer' : ''}`;
}
