/** Finds the central directory of a zip file from its end: the end record and, in zip64 files, the wide one before it. */
import { CheckpointError } from '../error';
import type { ByteSource } from '../file';

export interface EndRecord {
  readonly entries: number;
  readonly directoryOffset: number;
  readonly directorySize: number;
}

const endSignature = 0x06054b50;
const endBytes = 22;
const maxComment = 0xffff;
const locatorSignature = 0x07064b50;
const locatorBytes = 20;
const wideSignature = 0x06064b50;
const wideBytes = 56;

const cutShort = 'Download or copy the file again: it is most likely cut short.';

/** Where the directory is. Throws unless it ends exactly where the end records begin. */
export async function findEnd(source: ByteSource): Promise<EndRecord> {
  const { where, size } = source;
  const tailStart = Math.max(0, size - endBytes - maxComment);
  const tail = await source.read(tailStart, size - tailStart);
  const at = lastEnd(tail);
  if (at < 0) {
    throw new CheckpointError(where, 'begins like a zip file but has no zip directory at its end', {
      offset: size,
      fix: cutShort,
    });
  }
  const offset = tailStart + at;
  const disks = [tail.readUInt16LE(at + 4), tail.readUInt16LE(at + 6)];
  const narrow: EndRecord = {
    entries: tail.readUInt16LE(at + 10),
    directorySize: tail.readUInt32LE(at + 12),
    directoryOffset: tail.readUInt32LE(at + 16),
  };
  const wide = await findWide(source, offset);
  if (!wide && disks.some((disk) => disk !== 0)) {
    throw new CheckpointError(where, 'is one part of a zip split over several files', { offset });
  }
  if (wide && !agrees(narrow, wide.record)) {
    throw new CheckpointError(where, 'has two zip end records that contradict each other', { offset });
  }
  const record = wide?.record ?? narrow;
  const end = wide?.offset ?? offset;
  if (record.directoryOffset + record.directorySize !== end) {
    throw new CheckpointError(
      where,
      `has its zip directory at bytes ${record.directoryOffset} to ` +
        `${record.directoryOffset + record.directorySize}; expected it to end at ${end}`,
      { offset, fix: cutShort },
    );
  }
  return record;
}

/** The last end record whose comment runs to the end of the file; -1 where there is none. */
function lastEnd(tail: Buffer): number {
  for (let at = tail.length - endBytes; at >= 0; at--) {
    if (
      tail.readUInt32LE(at) === endSignature &&
      at + endBytes + tail.readUInt16LE(at + 20) === tail.length
    ) {
      return at;
    }
  }
  return -1;
}

async function findWide(
  source: ByteSource,
  end: number,
): Promise<{ record: EndRecord; offset: number } | null> {
  if (end < locatorBytes + wideBytes) return null;
  const locator = await source.read(end - locatorBytes, locatorBytes);
  if (locator.readUInt32LE(0) !== locatorSignature) return null;
  const offset = Number(locator.readBigUInt64LE(8));
  const bad = (reason: string): CheckpointError =>
    new CheckpointError(source.where, reason, { offset: end - locatorBytes });
  if (!(offset + wideBytes <= end - locatorBytes)) throw bad('has a zip64 end record outside the file');
  const wide = await source.read(offset, wideBytes);
  if (wide.readUInt32LE(0) !== wideSignature) throw bad('points to a zip64 end record that is not there');
  if (offset + 12 + Number(wide.readBigUInt64LE(4)) !== end - locatorBytes) {
    throw bad('has a zip64 end record of the wrong size');
  }
  if (wide.readUInt32LE(16) !== 0 || wide.readUInt32LE(20) !== 0) {
    throw bad('is one part of a zip split over several files');
  }
  const record = {
    entries: Number(wide.readBigUInt64LE(32)),
    directorySize: Number(wide.readBigUInt64LE(40)),
    directoryOffset: Number(wide.readBigUInt64LE(48)),
  };
  return { record, offset };
}

/** A narrow field holds the value, or all ones where the value is only in the wide record. */
function agrees(narrow: EndRecord, wide: EndRecord): boolean {
  return (
    (narrow.entries === wide.entries || narrow.entries === 0xffff) &&
    (narrow.directorySize === wide.directorySize || narrow.directorySize === 0xffffffff) &&
    (narrow.directoryOffset === wide.directoryOffset || narrow.directoryOffset === 0xffffffff)
  );
}
