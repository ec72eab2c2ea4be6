/**
 * Checkpoints in several files, as Hugging Face's libraries write them: `model-00001-of-00002.safetensors`
 * and so on, and an index `model.safetensors.index.json` that says which tensor is in which file
 * (`pytorch_model.bin.index.json` likewise).
 *
 * An index is as untrusted as any file: it names only files of its own folder, each once, and every tensor of
 * every part is in it, in that part and in no other. Links out of the folder are refused, except for those of
 * the Hugging Face cache, where a snapshot's files are links to `../../blobs`.
 */
import { readdir, realpath, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { resolvedIn, type Resolved } from '../../../files/inside';
import { isOpenBelow } from '../../../files/opened';
import { CheckpointError, nameList, quoted } from './error';
import { FileSource } from './file';
import { countColons, countKeys } from './json-keys';
import { modelInFolder } from './model-in-folder';
import { nameProblem } from './select';

export interface ShardIndex {
  /** Absolute path of the index. */
  readonly path: string;
  /** The part that holds each tensor, by the tensor's name. */
  readonly places: ReadonlyMap<string, string>;
  /** File names of the parts beside the index, in the order of the index. */
  readonly shards: readonly string[];
  /** Bytes of all tensors, as the index says; null where it does not. */
  readonly totalBytes: number | null;
}

const INDEX = /\.(safetensors|bin|pth|pt)\.index\.json$/i;
const SHARD = /^(.+)-(\d{5})-of-(\d{5})(\.(?:safetensors|bin|pth|pt))$/i;
const MOST_INDEX_BYTES = 32 << 20;
const MOST_SHARDS = 512;

export const isShardIndex = (path: string): boolean => INDEX.test(basename(path));

/**
 * The file that stands for a checkpoint: of a folder its index, else its model; the index for one of several parts; else the path itself.
 * @throws CheckpointError for a part whose index is missing, and a folder with several of either
 */
export async function mainFile(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) return (await indexIn(path)) ?? (await modelInFolder(path)) ?? path;
  const shard = SHARD.exec(basename(path));
  if (shard === null || found === null) return path;
  const [, stem = '', number = '', count = '', ending = ''] = shard;
  const index = join(dirname(path), `${stem}${ending}.index.json`);
  if ((await stat(index).catch(() => null))?.isFile()) return index;
  throw new CheckpointError(
    { file: path },
    `is part ${Number(number)} of ${Number(count)}; its index ${quoted(basename(index))} is not beside it`,
    { kind: 'unsupported', fix: 'Put the index and all parts into one folder.' },
  );
}

async function indexIn(folder: string): Promise<string | null> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => INDEX.test(name)).sort();
  const safe = names.filter((name) => name.toLowerCase().includes('.safetensors.'));
  const [only, ...more] = safe.length > 0 ? safe : names;
  if (only === undefined) return null;
  if (more.length === 0) return join(folder, only);
  throw new CheckpointError(
    { file: folder },
    `holds ${more.length + 1} indexes, ${nameList([only, ...more])}`,
    {
      kind: 'unsupported',
      fix: 'Give the path of one of them.',
    },
  );
}

/** Reads an index and finds its parts. @throws CheckpointError */
export async function readShardIndex(path: string, signal?: AbortSignal): Promise<ShardIndex> {
  const where = { file: path };
  const bad = (reason: string): CheckpointError => new CheckpointError(where, reason);
  const { weight_map: map, metadata } = await readJson(path, signal);
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw bad(
      'is not an index of a checkpoint in several files: expected a "weight_map" from tensors to files',
    );
  }
  const places = new Map<string, string>();
  const shards = new Set<string>();
  for (const [name, file] of Object.entries(map)) {
    const unusual = nameProblem(name);
    if (unusual !== null) throw bad(`has a tensor ${quoted(name)} that ${unusual}`);
    if (typeof file !== 'string' || !/^[^/\\\0]+\.(safetensors|bin|pth|pt)$/i.test(file)) {
      throw new CheckpointError(
        where,
        `has ${quoted(name)} in ${typeof file === 'string' ? quoted(file) : 'no file'}; expected the name of a file beside it`,
        { kind: 'hostile', fix: 'Get the weights from a source you trust.' },
      );
    }
    places.set(name, file);
    shards.add(file);
    if (shards.size > MOST_SHARDS) {
      throw new CheckpointError(where, `names more than ${MOST_SHARDS} files`, { kind: 'too-large' });
    }
  }
  if (shards.size === 0) throw bad('names no tensors');
  for (const shard of shards) await checkPlace(path, shard);
  return { path, places, shards: [...shards], totalBytes: totalOf(metadata) };
}

function totalOf(metadata: unknown): number | null {
  const total: unknown =
    typeof metadata === 'object' && metadata !== null && 'total_size' in metadata
      ? metadata.total_size
      : null;
  return typeof total === 'number' ? total : null;
}

async function readJson(path: string, signal: AbortSignal | undefined): Promise<Record<string, unknown>> {
  const where = { file: path };
  const source = await FileSource.open(path, signal);
  try {
    if (source.size > MOST_INDEX_BYTES) {
      throw new CheckpointError(
        where,
        `is an index of ${source.size} bytes; at most ${MOST_INDEX_BYTES} are read`,
        {
          kind: 'too-large',
        },
      );
    }
    const bytes = await source.read(0, source.size);
    let index: unknown;
    try {
      index = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch (cause) {
      throw new CheckpointError(where, 'is an index that is not JSON', { cause });
    }
    if (typeof index !== 'object' || index === null || Array.isArray(index)) {
      throw new CheckpointError(where, 'is an index that is not a JSON object');
    }
    if (countColons(bytes) !== countKeys(index)) {
      throw new CheckpointError(where, 'is an index with the same key twice');
    }
    return index as Record<string, unknown>;
  } finally {
    await source.close();
  }
}

/** A regular file of the index's own folder, or of the cache that the folder is a snapshot of. */
async function checkPlace(index: string, shard: string): Promise<void> {
  let place: Resolved;
  try {
    place = await resolvedIn(dirname(index), join(dirname(index), shard));
  } catch (cause) {
    throw new CheckpointError({ file: index }, `names ${quoted(shard)}, which is not beside it`, {
      cause,
      fix: 'Download or copy the missing part as well.',
    });
  }
  if (!place.isBelow && dirname(place.path) !== blobsOf(place.root)) throw elsewhere(index, shard);
}

/** The same of a part that is open, since a link may have been replaced meanwhile. */
export async function requireOpenPart(index: string, shard: string, file: FileHandle): Promise<void> {
  const folder = await realpath(dirname(index));
  const path = join(folder, shard);
  for (const root of [folder, blobsOf(folder)])
    if (await isOpenBelow(file, path, root).catch(() => false)) return;
  throw elsewhere(index, shard);
}

const blobsOf = (folder: string): string => resolve(folder, '..', '..', 'blobs');

const elsewhere = (index: string, shard: string): CheckpointError =>
  new CheckpointError({ file: index }, `names ${quoted(shard)}, a link out of its folder`, {
    kind: 'hostile',
    fix: 'Copy the file itself beside the index.',
  });
