/**
 * A plain zip with one checkpoint in it, as some releases are published: seen as that checkpoint.
 *
 * A stored member is read where it lies. A deflated one cannot be read at random, so it is inflated once into a
 * temporary file that only this user can read and that is gone when the checkpoint is closed.
 */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { throwIfAborted } from '../errors';
import { CheckpointError, nameList, quoted } from './error';
import type { Where } from './error';
import { ByteSource, FileSource } from './file';
import type { ZipArchive } from './zip/archive';
import type { ZipEntry } from './zip/directory';

/** What a temporary file may take; the archive's own ratio rule holds besides. */
const maxTemporaryBytes = 16 * 2 ** 30;
const sliceBytes = 4 << 20;

const checkpointName = /\.(pth|pt|tar|bin|ckpt|pkl|model|weights|safetensors)$/i;

/** The only file, or the only one with a checkpoint's name. Throws a CheckpointError where there is no such one. */
export async function unwrapZip(
  archive: ZipArchive,
  where: Where,
  signal: AbortSignal | undefined,
): Promise<ByteSource> {
  const entry = onlyCheckpoint(archive, where);
  const member = await archive.member(entry);
  if (!entry.deflated) return member;
  try {
    return await temporaryCopy(member, signal);
  } finally {
    await member.close();
  }
}

function onlyCheckpoint(archive: ZipArchive, where: Where): ZipEntry {
  const files = [...archive.entries.values()].filter(
    // Folders that macOS and Windows add by themselves.
    ({ name }) => !/(^|\/)(__MACOSX\/|\.DS_Store$|Thumbs\.db$)/.test(name),
  );
  const named = files.filter(({ name }) => checkpointName.test(name));
  const [entry] = files.length === 1 ? files : named;
  if (entry && (files.length === 1 || named.length === 1)) return entry;
  const found = files.length === 0 ? 'nothing' : nameList(files.map(({ name }) => name));
  throw new CheckpointError(
    where,
    `is a zip without a checkpoint of its own; expected one file in it, found ${found}`,
    {
      fix: 'Unpack it and give the path of the checkpoint itself.',
    },
  );
}

async function temporaryCopy(member: ByteSource, signal: AbortSignal | undefined): Promise<ByteSource> {
  if (member.size > maxTemporaryBytes) {
    throw new CheckpointError(
      member.where,
      `inflates to ${member.size} bytes; at most ${maxTemporaryBytes} are unpacked for reading`,
      { fix: 'Unpack it and give the path of the checkpoint itself.' },
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'inference-lens-'));
  try {
    const path = join(folder, 'checkpoint');
    const file = await open(path, 'wx', 0o600);
    try {
      const slice = Buffer.alloc(Math.min(sliceBytes, member.size));
      for (let at = 0; at < member.size; at += slice.length) {
        throwIfAborted(signal);
        const part = slice.subarray(0, Math.min(slice.length, member.size - at));
        await member.readInto(at, part);
        await file.writeFile(part);
      }
    } finally {
      await file.close();
    }
    return new TemporarySource(await FileSource.open(path, signal), member.where, folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
    if (!full) throw error;
    throw new CheckpointError(
      member.where,
      `needs ${member.size} bytes in ${quoted(tmpdir())}, which is full`,
      {
        fix: 'Free some space there, or unpack the zip yourself and give the path of the checkpoint.',
        cause: error,
      },
    );
  }
}

/** The temporary file under the member's name; closing removes it. */
class TemporarySource extends ByteSource {
  constructor(
    private readonly file: FileSource,
    readonly where: Where,
    private readonly folder: string,
  ) {
    super();
  }

  get size(): number {
    return this.file.size;
  }

  protected fill(offset: number, target: Uint8Array): Promise<void> {
    return this.file.readInto(offset, target);
  }

  override async close(): Promise<void> {
    await this.file.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
