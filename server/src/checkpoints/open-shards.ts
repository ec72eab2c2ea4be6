/** Opens a checkpoint in several files as one, and checks that the parts are what the index says. */
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CheckpointParts } from './checkpoint';
import { dtypeBytes } from './dtypes';
import { CheckpointError, quoted } from './error';
import { readShardIndex, requireOpenPart } from './shards';
import type { ShardIndex } from './shards';
import { WHOLE_FILE, within } from './state-dict-choice';
import { parameterCount } from './tensor';
import type { StoredTensor } from './tensor';

export interface OpenOptions {
  /** Stops reading, now or later. */
  readonly signal?: AbortSignal;
  /** Which state dict to use where the file holds several, such as "state_dict" or "model.ema". */
  readonly location?: string;
  /** Throws if what is open must not be read. */
  readonly examine?: (file: FileHandle) => Promise<void>;
}

/** A file's tensors, and what closes the file. */
export interface OpenParts {
  readonly parts: CheckpointParts;
  readonly close: () => Promise<void>;
}

/** @param open opens one part */
export async function openShards(
  path: string,
  { signal, location }: OpenOptions,
  open: (path: string, options: OpenOptions) => Promise<OpenParts>,
): Promise<OpenParts> {
  const index = await readShardIndex(path, signal);
  const opened: OpenParts[] = [];
  const close = async (): Promise<void> => {
    for (const shard of opened.splice(0)) await shard.close();
  };
  try {
    for (const shard of index.shards) {
      const examine = (file: FileHandle): Promise<void> => requireOpenPart(path, shard, file);
      opened.push(
        await open(join(dirname(path), shard), { examine, ...(signal === undefined ? {} : { signal }) }),
      );
    }
    const all = opened.map(({ parts }) => parts);
    const tensors = merged(index, all);
    const [first] = all;
    const format = first?.format ?? 'safetensors';
    checkTotal(index, tensors, format);
    const parts: CheckpointParts = {
      format,
      path,
      ...within(tensors, location, path),
      location: location === undefined || location === WHOLE_FILE ? '' : location,
      others: [],
      unknownNames: [...new Set(all.flatMap(({ unknownNames }) => unknownNames))],
      signal,
    };
    return { parts, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Every tensor of every part, each where the index has it. */
function merged(
  { path, places, shards }: ShardIndex,
  all: readonly CheckpointParts[],
): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  all.forEach((parts, number) => {
    const shard = shards[number] ?? '';
    for (const [name, tensor] of parts.tensors) {
      const place = places.get(name);
      if (place !== shard) {
        const problem =
          place === undefined ? 'which the index does not list' : `which the index has in ${quoted(place)}`;
        throw new CheckpointError({ file: parts.path }, `holds a tensor ${quoted(name)}, ${problem}`);
      }
      tensors.set(name, tensor);
    }
  });
  for (const [name, shard] of places) {
    if (tensors.has(name)) continue;
    throw new CheckpointError(
      { file: path },
      `has ${quoted(name)} in ${quoted(shard)}, which does not hold it`,
    );
  }
  return tensors;
}

/** PyTorch's parts may share what tied tensors take; safetensors never does. */
function checkTotal(
  { path, totalBytes }: ShardIndex,
  tensors: ReadonlyMap<string, StoredTensor>,
  format: CheckpointParts['format'],
): void {
  if (totalBytes === null) return;
  let bytes = 0;
  for (const { dtype, shape } of tensors.values()) bytes += parameterCount(shape) * dtypeBytes[dtype];
  if (format === 'safetensors' ? totalBytes === bytes : totalBytes <= bytes) return;
  throw new CheckpointError(
    { file: path },
    `says that its tensors take ${totalBytes} bytes; those of its parts take ${bytes}`,
  );
}
