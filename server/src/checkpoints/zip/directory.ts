/**
 * The central directory of a zip file: which members there are and where. Nothing is trusted.
 *
 * Rules, each with its own message:
 *  1. The directory lies between the members and the end record, and the end record ends the file.
 *  2. At most 200,000 members, 64 MiB of directory, 1,024 bytes per name.
 *  3. Names are UTF-8, relative, without "..", ".", empty parts, backslashes or control characters, and unique.
 *  4. Members are stored or deflated, not encrypted, not links or devices.
 *  5. Members lie before the directory and do not overlap.
 *  6. Members do not inflate to more than 64 MiB and 100 times their compressed size, taken together.
 *
 * Source: APPNOTE.TXT 6.3.10 (PKWARE), sections 4.3.7 to 4.3.16 and 4.5.3.
 */
import { CheckpointError, quoted } from '../error';
import type { ByteSource } from '../file';
import { findEnd } from './end-record';

export interface ZipEntry {
  readonly name: string;
  readonly deflated: boolean;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Where the member's local header starts. */
  readonly headerOffset: number;
  /** Where the next member, or the directory, starts: the member's bytes end before it. */
  readonly limit: number;
}

const zipLimits = {
  entries: 200_000,
  directoryBytes: 64 << 20,
  nameBytes: 1024,
  /** Below this, any ratio will do. */
  inflatedBytes: 64 << 20,
  ratio: 100,
} as const;

const signature = 0x02014b50;
const headerBytes = 46;

/** Reads and checks the directory. Folders are left out of the result, which keeps the order of the file. */
export async function readDirectory(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const end = await findEnd(source);
  const { where } = source;
  if (end.entries > zipLimits.entries) {
    throw new CheckpointError(where, `holds ${end.entries} members; at most ${zipLimits.entries} are read`, {
      kind: 'too-large',
    });
  }
  if (end.directorySize > zipLimits.directoryBytes) {
    throw new CheckpointError(
      where,
      `has a directory of ${end.directorySize} bytes; at most ${zipLimits.directoryBytes} are read`,
    );
  }
  const bytes = await source.read(end.directoryOffset, end.directorySize);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < end.entries; i++) {
    const parsed = parseHeader(source, bytes, at, end.directoryOffset);
    entries.push(parsed.entry);
    at = parsed.next;
  }
  if (at !== bytes.length) {
    throw new CheckpointError(where, `has ${bytes.length - at} stray bytes in its directory`, {
      offset: end.directoryOffset + at,
    });
  }
  checkRatio(source, entries);
  return byName(source, placed(source, entries, end.directoryOffset));
}

function parseHeader(
  source: ByteSource,
  bytes: Buffer,
  at: number,
  directoryOffset: number,
): { entry: ZipEntry; next: number } {
  const { where } = source;
  const offset = directoryOffset + at;
  const bad = (reason: string): CheckpointError => new CheckpointError(where, reason, { offset });
  if (at + headerBytes > bytes.length) throw bad('has a directory that ends in the middle of an entry');
  if (bytes.readUInt32LE(at) !== signature) throw bad('has a directory entry without its signature');
  const madeOnUnix = bytes.readUInt8(at + 5) === 3;
  const flags = bytes.readUInt16LE(at + 8);
  const method = bytes.readUInt16LE(at + 10);
  const nameLength = bytes.readUInt16LE(at + 28);
  const extraLength = bytes.readUInt16LE(at + 30);
  const commentLength = bytes.readUInt16LE(at + 32);
  const mode = bytes.readUInt32LE(at + 38) >>> 16;
  const extraStart = at + headerBytes + nameLength;
  const next = extraStart + extraLength + commentLength;
  if (next > bytes.length) throw bad('has a directory that ends in the middle of an entry');

  const name = checkedName(source, bytes.subarray(at + headerBytes, extraStart), offset);
  const sizes = zip64Fields(bytes.subarray(extraStart, extraStart + extraLength), {
    size: bytes.readUInt32LE(at + 24),
    compressedSize: bytes.readUInt32LE(at + 20),
    headerOffset: bytes.readUInt32LE(at + 42),
  });
  if (!sizes) throw bad(`has a zip64 size that cannot be read, for member ${quoted(name)}`);
  if (flags & 0x41) throw bad(`holds the encrypted member ${quoted(name)}; only plain ones are read`);
  if (method !== 0 && method !== 8) {
    throw bad(
      `holds member ${quoted(name)}, compressed by method ${method}; only stored and deflated are read`,
    );
  }
  const type = madeOnUnix ? mode & 0xf000 : 0;
  if (type === 0xa000) throw bad(`holds the symbolic link ${quoted(name)}; links are never followed`);
  if (type !== 0 && type !== 0x8000 && type !== 0x4000) {
    throw bad(`holds member ${quoted(name)}, which is a device, pipe or socket`);
  }
  if (method === 0 && sizes.size !== sizes.compressedSize) {
    throw bad(
      `has a stored member ${quoted(name)} with two sizes, ${sizes.compressedSize} and ${sizes.size} bytes`,
    );
  }
  return {
    entry: { name, deflated: method === 8, crc32: bytes.readUInt32LE(at + 16), ...sizes, limit: 0 },
    next,
  };
}

interface Sizes {
  size: number;
  compressedSize: number;
  headerOffset: number;
}

/** Fields of 0xFFFFFFFF are found, in this order, in extra field 1. Null where they are not, or exceed 2^53. */
function zip64Fields(extra: Buffer, sizes: Sizes): Sizes | null {
  const missing = (['size', 'compressedSize', 'headerOffset'] as const).filter(
    (key) => sizes[key] === 0xffffffff,
  );
  if (missing.length === 0) return sizes;
  let at = 0;
  while (at + 4 <= extra.length) {
    const id = extra.readUInt16LE(at);
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (id === 1 && end <= extra.length && at + 4 + 8 * missing.length <= end) {
      const wide = { ...sizes };
      missing.forEach((key, i) => (wide[key] = Number(extra.readBigUInt64LE(at + 4 + 8 * i))));
      return missing.every((key) => Number.isSafeInteger(wide[key])) ? wide : null;
    }
    at = end;
  }
  return null;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function checkedName(source: ByteSource, bytes: Uint8Array, offset: number): string {
  const bad = (reason: string): CheckpointError =>
    new CheckpointError(source.where, reason, {
      offset,
      fix: 'Do not unpack this archive; get the weights from a source you trust.',
    });
  if (bytes.length > zipLimits.nameBytes) {
    throw bad(`has a member name of ${bytes.length} bytes; at most ${zipLimits.nameBytes} are read`);
  }
  let name: string;
  try {
    name = utf8.decode(bytes);
  } catch {
    throw bad('has a member name that is not UTF-8');
  }
  if (/[\u0000-\u001f\u007f\\]/.test(name)) {
    throw bad(`has a member name with a backslash or control character, ${quoted(name)}`);
  }
  const parts = name.replace(/\/$/, '').split('/');
  if (parts.includes('..')) throw bad(`holds member ${quoted(name)}, which points outside the archive`);
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) {
    throw bad(`holds member ${quoted(name)}, which is an absolute path`);
  }
  if (parts.includes('') || parts.includes('.'))
    throw bad(`has a member with the malformed name ${quoted(name)}`);
  return name;
}

/** Rule 5: sorted by position, no member begins before the previous one's bytes have ended. */
function placed(source: ByteSource, entries: readonly ZipEntry[], directoryOffset: number): ZipEntry[] {
  const order = [...entries.keys()].sort(
    (a, b) => (entries[a]?.headerOffset ?? 0) - (entries[b]?.headerOffset ?? 0),
  );
  const result = [...entries];
  order.forEach((index, rank) => {
    const entry = entries[index];
    if (!entry) return;
    const following = entries[order[rank + 1] ?? -1];
    const limit = following ? following.headerOffset : directoryOffset;
    const least = entry.headerOffset + 30 + Buffer.byteLength(entry.name) + entry.compressedSize;
    if (least > limit || limit > directoryOffset) {
      const over =
        following && limit <= directoryOffset ? `member ${quoted(following.name)}` : 'the directory';
      throw new CheckpointError(source.where, `has member ${quoted(entry.name)} overlapping ${over}`, {
        offset: entry.headerOffset,
      });
    }
    result[index] = { ...entry, limit };
  });
  return result;
}

function checkRatio(source: ByteSource, entries: readonly ZipEntry[]): void {
  const size = entries.reduce((sum, entry) => sum + entry.size, 0);
  const compressed = entries.reduce((sum, entry) => sum + entry.compressedSize, 0);
  if (size <= zipLimits.inflatedBytes || size <= zipLimits.ratio * compressed) return;
  throw new CheckpointError(
    source.where,
    `is a zip bomb: ${compressed} bytes that inflate to ${size}; at most ${zipLimits.ratio} times are accepted`,
    { fix: 'Get the weights from a source you trust.' },
  );
}

function byName(source: ByteSource, entries: readonly ZipEntry[]): Map<string, ZipEntry> {
  const files = new Map<string, ZipEntry>();
  for (const entry of entries) {
    if (files.has(entry.name)) {
      throw new CheckpointError(source.where, `holds two members named ${quoted(entry.name)}`, {
        offset: entry.headerOffset,
      });
    }
    if (!entry.name.endsWith('/')) files.set(entry.name, entry);
    else if (entry.size > 0) {
      throw new CheckpointError(source.where, `has a folder ${quoted(entry.name)} with contents of its own`, {
        offset: entry.headerOffset,
      });
    }
  }
  return files;
}
