/** The one entry point to checkpoints: finds out which format a file has and opens it. */
import { makeCheckpoint } from './checkpoint';
import type { Checkpoint, CheckpointParts } from './checkpoint';
import { CheckpointError } from './error';
import type { Where } from './error';
import { FileSource } from './file';
import type { ByteSource } from './file';
import { foreignFormat } from './foreign';
import { unwrapZip } from './nested';
import { openShards } from './open-shards';
import type { OpenOptions, OpenParts } from './open-shards';
import { looksLikeSafetensors, readSafetensors } from './safetensors';
import { isShardIndex, mainFile } from './shards';
import { readTorchLegacy } from './torch-legacy';
import { readTorchZip, torchPrefix } from './torch-zip';
import { ZipArchive } from './zip/archive';

/**
 * Opens a checkpoint of PyTorch (zip or old format), a zip that holds one such file, a safetensors file, or several of
 * these with their index (shards.ts), given by the index, a part or the folder. Only names, shapes and positions are read;
 * `readFloat32` reads a tensor's elements. Close it when done.
 *
 * Throws a CheckpointError for a file that cannot be read for whatever reason, also one that would run code if it were
 * opened in Python; nothing in a file is ever run. Throws a `cancelled` LensError after `signal` has been aborted.
 */
export async function openCheckpoint(path: string, options: OpenOptions = {}): Promise<Checkpoint> {
  const main = await mainFile(path);
  const { parts, close } = await (isShardIndex(main)
    ? openShards(main, options, openParts)
    : openParts(main, options));
  return makeCheckpoint(parts, close);
}

/** One file. */
async function openParts(path: string, options: OpenOptions): Promise<OpenParts> {
  const file = await FileSource.open(path, options.signal, options.examine);
  const opened: ByteSource[] = [file];
  const close = async (): Promise<void> => {
    for (const source of opened.reverse()) await source.close();
  };
  try {
    return { parts: await read(file, path, options, (source) => opened.push(source)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function read(
  file: ByteSource,
  path: string,
  options: OpenOptions,
  keep: (source: ByteSource) => void,
): Promise<CheckpointParts> {
  const archive = await zipArchive(file);
  if (!archive || torchPrefix(archive, file.where) !== null) return readBare(file, archive, path, options);
  const inner = await unwrapZip(archive, file.where, options.signal);
  keep(inner);
  const innerArchive = await zipArchive(inner);
  if (innerArchive && torchPrefix(innerArchive, inner.where) === null) {
    throw new CheckpointError(inner.where, 'is a zip inside a zip, without a checkpoint', {
      fix: 'Unpack it and give the path of the checkpoint itself.',
    });
  }
  return readBare(inner, innerArchive, path, options);
}

async function zipArchive(source: ByteSource): Promise<ZipArchive | null> {
  const head = await source.read(0, Math.min(4, source.size));
  // A local header, or one of the end records where there is no member.
  const isZip = /^PK(\u0003\u0004|\u0005\u0006|\u0006\u0006)$/.test(head.toString('latin1'));
  return isZip ? ZipArchive.open(source) : null;
}

async function readBare(
  source: ByteSource,
  archive: ZipArchive | null,
  path: string,
  { signal, location }: OpenOptions,
): Promise<CheckpointParts> {
  const { where } = source;
  const torch = { path, where, signal, location };
  if (archive) return readTorchZip(archive, torchPrefix(archive, where) ?? '', torch);
  if (source.size === 0) throw new CheckpointError(where, 'is empty; expected a checkpoint');
  const head = await source.read(0, Math.min(512, source.size));
  if (looksLikeSafetensors(head)) return readSafetensors(source, path, signal, location);
  // PROTO 2 to 5. Older protocols cannot hold a checkpoint but can run code, which is worth saying.
  if (head[0] === 0x80) return readTorchLegacy(source, torch);
  await refuseCode(source, where, path, signal);
  throw foreignFormat(head, where);
}

/** Throws if the file is a pickle without a header that would run code; any other fault is ignored. */
async function refuseCode(
  source: ByteSource,
  where: Where,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await readTorchLegacy(source, { path, where, signal, location: undefined });
  } catch (error) {
    if (error instanceof CheckpointError && error.executes === undefined) return;
    throw error;
  }
}
