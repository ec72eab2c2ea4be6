/** Types of zip.mjs. */
export interface ArchiveEntry {
  readonly name: string;
  /** Bytes, unpacked. */
  readonly size: number;
  /** Bytes in the archive. */
  readonly packed: number;
  readonly read: () => Buffer;
}
export function readArchive(path: string): readonly ArchiveEntry[];
