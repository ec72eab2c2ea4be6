/**
 * A plain zip with one checkpoint in it, as some releases are published: seen as that checkpoint.
 *
 * A stored member is read in place. A deflated one cannot be read at random, so it is inflated once into a
 * temporary file that only this user can read and that is gone when the checkpoint is closed.
 */
import { mkdtemp, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LensError, throwIfAborted } from '../errors';
import { makeFolders } from '../system/make-folders';
import { cacheRoot } from '../system/paths';
import { CheckpointError, nameList, quoted } from './error';
import type { Where } from './error';
import { FileSource, RangeSource } from './file';
import type { ByteSource } from './file';
import { zippedFormat } from './model-formats';
import type { ZipArchive } from './zip/archive';
import type { ZipEntry } from './zip/directory';

/** What a temporary file may take; the archive's own ratio rule holds besides. */
const maxTemporaryBytes = 4 * 2 ** 30;
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
  const graph = files.find(({ name }) => /\.onnx$/i.test(name));
  if (graph !== undefined)
    throw new CheckpointError(where, `is a zip with an ONNX model, ${quoted(graph.name)}`, {
      kind: 'unsupported',
      fix: 'Unpack it and give the path of the folder: files beside the model are read with it.',
    });
  const format = zippedFormat(files.map(({ name }) => name));
  if (format !== null)
    throw new CheckpointError(where, `is ${format.is}, not a checkpoint`, {
      kind: 'unsupported',
      fix: format.fix,
    });
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
      { kind: 'too-large', fix: 'Unpack it and give the path of the checkpoint itself.' },
    );
  }
  // Where the folder for temporary files is missing or full, the cache folder may have room.
  return inflatedIn(tmpdir(), member, signal).catch(async (first: unknown) => {
    if (!(first instanceof NoRoom)) throw first;
    await makeFolders(cacheRoot()).catch(() => undefined); // writing to it says why
    return inflatedIn(cacheRoot(), member, signal).catch((second: unknown) => {
      throw second instanceof NoRoom ? first : second;
    });
  });
}

/** The temporary file could not be written to a folder. */
class NoRoom extends CheckpointError {}

async function inflatedIn(
  place: string,
  member: ByteSource,
  signal: AbortSignal | undefined,
): Promise<ByteSource> {
  let remove = (): Promise<void> => Promise.resolve();
  try {
    const folder = await mkdtemp(join(place, 'inference-lens-'));
    remove = () => rm(folder, { recursive: true, force: true });
    const handle = await open(join(folder, 'checkpoint'), 'wx+', 0o600);
    // Where an open file can be removed, it is removed immediately, so that nothing is left even if this process is killed.
    if (process.platform !== 'win32') await remove();
    const file = await FileSource.of(handle, member.where, signal, () => fillFile(handle, member, signal));
    return new TemporarySource(file, remove);
  } catch (error) {
    await remove();
    if (error instanceof LensError) throw error;
    const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
    const because = full ? 'which is full' : `which cannot be written: ${String(error)}`;
    throw new NoRoom(member.where, `needs ${member.size} bytes in ${quoted(place)}, ${because}`, {
      fix: 'Make room there, set TMPDIR to a folder with room, or unpack the zip yourself and give the path of the checkpoint.',
      cause: error,
    });
  }
}

async function fillFile(
  handle: FileHandle,
  member: ByteSource,
  signal: AbortSignal | undefined,
): Promise<void> {
  const slice = Buffer.alloc(Math.min(sliceBytes, member.size));
  for (let at = 0; at < member.size; at += slice.length) {
    throwIfAborted(signal);
    const part = slice.subarray(0, Math.min(slice.length, member.size - at));
    await member.readInto(at, part);
    await handle.writeFile(part);
  }
}

/** The temporary file; closing removes it. */
class TemporarySource extends RangeSource {
  constructor(
    private readonly file: FileSource,
    private readonly remove: () => Promise<void>,
  ) {
    super(file, 0, file.size);
  }

  override async close(): Promise<void> {
    await this.file.close();
    await this.remove();
  }
}
