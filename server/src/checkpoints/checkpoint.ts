/** What an opened checkpoint offers, whatever its format: named tensors, read one at a time. */
import { throwIfAborted } from '../errors';
import type { Dtype } from './dtypes';
import { CheckpointError, nameList, quoted } from './error';
import { parameterCount, readElements, readFloats } from './tensor';
import type { StoredTensor } from './tensor';

export type CheckpointFormat = 'torch-zip' | 'torch-legacy' | 'safetensors';

export interface TensorInfo {
  /** As the file has it, prefixes such as "module." included. */
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Number of elements; 1 for a scalar. */
  readonly parameters: number;
}

/** C-ordered, little-endian elements of the tensor's own dtype. */
export interface RawTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

export interface Checkpoint {
  readonly format: CheckpointFormat;
  readonly path: string;
  /** The chosen state dict, in the order of the file. */
  readonly stateDict: ReadonlyMap<string, TensorInfo>;
  /** Where in the file the state dict was found: "model", "state_dict", ...; "" where it is the whole file. */
  readonly location: string;
  /** Where else in the file there is a network's state dict, to be requested as the location. */
  readonly others: readonly string[];
  /** Names that Python would import or call on opening the file, of libraries unknown here. */
  readonly unknownNames: readonly string[];
  /** What else the file holds, by name ("optimizer", "epoch"): none of it is read. */
  readonly skipped: readonly string[];
  /**
   * The tensor's elements in C order as float32, whatever its dtype, strides and storage; only the bytes it covers are
   * read. Throws a CheckpointError if there is no such tensor or its bytes are damaged.
   */
  readFloat32(name: string): Promise<Float32Array>;
  /** The tensor's elements in C order as they are. Errors as for `readFloat32`. */
  readRaw(name: string): Promise<RawTensor>;
  /** Closes the file. Nothing can be read afterwards. */
  close(): Promise<void>;
}

export interface CheckpointParts {
  readonly format: CheckpointFormat;
  readonly path: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly location: string;
  readonly others: readonly string[];
  readonly unknownNames: readonly string[];
  readonly skipped: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/** Puts the public interface in front of a state dict that a format's reader has found. */
export function makeCheckpoint(parts: CheckpointParts, close: () => Promise<void>): Checkpoint {
  const { format, path, tensors, location, others, unknownNames, skipped, signal } = parts;
  const stateDict = new Map<string, TensorInfo>();
  for (const [name, { dtype, shape }] of tensors) {
    stateDict.set(name, { name, dtype, shape, parameters: parameterCount(shape) });
  }
  let closed = false;
  const find = (name: string): StoredTensor => {
    throwIfAborted(signal);
    if (closed)
      throw new CheckpointError({ file: path }, 'has been closed; its tensors can no longer be read');
    const tensor = tensors.get(name);
    if (tensor) return tensor;
    throw new CheckpointError(
      { file: path },
      `has no tensor ${quoted(name)}; its ${tensors.size} tensors are ${nameList([...tensors.keys()])}`,
      { fix: 'Check that the checkpoint belongs to the architecture that it is used for.' },
    );
  };
  return {
    format,
    path,
    stateDict,
    location,
    others,
    unknownNames,
    skipped,
    readFloat32: async (name) => readFloats(find(name)),
    readRaw: async (name) => {
      const tensor = find(name);
      return { dtype: tensor.dtype, shape: tensor.shape, data: await readElements(tensor) };
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await close();
    },
  };
}
