/**
 * Reads the format that `torch.save` wrote before PyTorch 1.6 (and still does with
 * `_use_new_zipfile_serialization=False`): five pickles in a row (a magic number, a protocol version, facts about the
 * system, the object, the keys of its storages), then each storage as a 64-bit element count and its elements,
 * little-endian. Source: torch/serialization.py, `_legacy_save` and `_legacy_load`.
 */
import { throwIfAborted } from '../errors';
import type { CheckpointParts } from './checkpoint';
import { CheckpointError, quoted } from './error';
import type { Where } from './error';
import { RangeSource } from './file';
import type { ByteSource } from './file';
import { EndOfPickle, PickleInput } from './pickle/input';
import { pickleLimits } from './pickle/limits';
import { unpickle } from './pickle/unpickle';
import { describe, PyList } from './pickle/values';
import type { ConstructContext, StorageRef, Value } from './pickle/values';
import { selectStateDict } from './select';
import type { StoredTensor } from './tensor';
import type { TorchOptions } from './torch-zip';
import { storageRef } from './torch-storage';

const magicNumber = 0x1950a86a20f9469cfc6cn;
const protocolVersion = 1001;

interface Pickles {
  readonly root: Value;
  readonly keys: readonly string[];
  readonly storages: ReadonlyMap<string, StorageRef>;
  readonly unknownNames: readonly string[];
  /** Where the storages begin. */
  readonly end: number;
}

/** Reads the object, finds its state dict, and where each storage is; tensors' contents stay in the file. */
export async function readTorchLegacy(source: ByteSource, options: TorchOptions): Promise<CheckpointParts> {
  const { path, where, signal } = options;
  const pickles = await readPickles(source, where);
  throwIfAborted(signal);
  const places = await placeStorages(source, pickles, where);
  const { tensors, location, others, skipped } = selectStateDict(pickles.root, where, options.location);
  const stored = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    const { storage } = tensor;
    const start = places.get(storage.key);
    if (start === undefined) {
      throw new CheckpointError(
        where,
        `has a tensor ${quoted(name)} in storage ${quoted(storage.key)}, which it does not hold`,
      );
    }
    stored.set(name, {
      dtype: tensor.element.name,
      shape: tensor.shape,
      strides: tensor.strides,
      offset: tensor.offset,
      open: () => Promise.resolve(new RangeSource(source, start + storage.byteOffset, storage.byteLength)),
      bigEndian: false,
    });
  }
  return {
    format: 'torch-legacy',
    path,
    tensors: stored,
    location,
    others,
    unknownNames: pickles.unknownNames,
    skipped,
    signal,
  };
}

/** The pickles' length is not written anywhere: as much is read as they may take. */
async function readPickles(source: ByteSource, where: Where): Promise<Pickles> {
  const length = Math.min(source.size, pickleLimits.bytes);
  const input = new PickleInput(await source.read(0, length), where);
  try {
    return parsePickles(input, where);
  } catch (error) {
    if (!(error instanceof EndOfPickle) || length === source.size) throw error;
    throw new CheckpointError(where, `has more than ${length} bytes of pickle before its storages`, {
      kind: 'too-large',
    });
  }
}

function parsePickles(input: PickleInput, where: Where): Pickles {
  const magic = unpickle(input);
  if (magic !== magicNumber) {
    throw new CheckpointError(
      where,
      `is a Python pickle of ${describe(magic)}; expected one that torch.save wrote`,
      {
        offset: 0,
        kind: 'unsupported',
      },
    );
  }
  const version = unpickle(input);
  if (version !== protocolVersion) {
    const found = typeof version === 'number' ? String(version) : describe(version);
    throw new CheckpointError(where, `is of protocol version ${found}; only ${protocolVersion} is read`, {
      kind: 'unsupported',
    });
  }
  unpickle(input); // Facts about the system that saved it. Storages are little-endian whatever it says.
  const storages = new Map<string, StorageRef>();
  const unknown = new Set<string>();
  const resolve = (id: Value, context: ConstructContext): StorageRef => {
    const ref = storageRef(id, context);
    const known = storages.get(ref.key);
    if (known && (known.totalBytes !== ref.totalBytes || known.element.bytes !== ref.element.bytes)) {
      context.fail(`refers to storage ${quoted(ref.key)} as two different sizes`);
    }
    storages.set(ref.key, ref);
    return ref;
  };
  const root = unpickle(input, resolve, unknown);
  const listed = unpickle(input);
  const keys = listed instanceof PyList ? listed.items : [listed];
  const wrong = keys.find((key) => typeof key !== 'string' && typeof key !== 'number');
  if (!(listed instanceof PyList) || wrong !== undefined) {
    throw new CheckpointError(
      where,
      `has ${describe(wrong ?? listed)} where the keys of its storages should be`,
      {
        offset: input.offset,
      },
    );
  }
  return { root, keys: keys.map(String), storages, unknownNames: [...unknown], end: input.offset };
}

/** Walks the storages, whose element counts must agree with the pickle and fit the file. */
async function placeStorages(
  source: ByteSource,
  pickles: Pickles,
  where: Where,
): Promise<Map<string, number>> {
  const places = new Map<string, number>();
  let at = pickles.end;
  for (const key of pickles.keys) {
    const storage = pickles.storages.get(key);
    if (!storage) {
      throw new CheckpointError(where, `lists storage ${quoted(key)}, which no tensor refers to`, {
        offset: at,
      });
    }
    if (places.has(key)) {
      throw new CheckpointError(where, `lists storage ${quoted(key)} twice`, { offset: at });
    }
    const count = (await source.read(at, 8)).readBigInt64LE();
    const expected = storage.totalBytes / storage.element.bytes;
    if (count !== BigInt(expected)) {
      throw new CheckpointError(
        where,
        `has a storage of ${count} elements where its pickle says ${expected}`,
        {
          offset: at,
        },
      );
    }
    if (at + 8 + storage.totalBytes > source.size) {
      throw new CheckpointError(
        where,
        `is cut short: storage ${quoted(key)} ends at byte ${at + 8 + storage.totalBytes}, the file at ${source.size}`,
        { offset: source.size, fix: 'Download or copy the file again.' },
      );
    }
    places.set(key, at + 8);
    at += 8 + storage.totalBytes;
  }
  return places;
}
