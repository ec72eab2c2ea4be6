/** What the tensors of weights look like: enough to see that one is empty, exploded or not a number. */
import type { Checkpoint } from '../checkpoints/checkpoint';
import { throwIfAborted } from '../errors';
import { readExternal } from '../onnx/external-data';
import type { Model } from '../onnx/model';
import { isExternal } from '../onnx/model';
import { isNumeric, toNumbers, typedTensor } from '../onnx/typed-data';

export interface TensorStatistics {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly mean: number;
  /** Population standard deviation. */
  readonly std: number;
  readonly nan: number;
  readonly inf: number;
}

/** One tensor in memory at a time, in the order of the file. Mean and std are over the finite values. */
export async function* tensorStatistics(
  checkpoint: Pick<Checkpoint, 'stateDict' | 'readFloat32'>,
  signal?: AbortSignal,
): AsyncGenerator<TensorStatistics> {
  for (const { name, dtype, shape } of checkpoint.stateDict.values()) {
    throwIfAborted(signal);
    yield { name, dtype, shape, ...statisticsOf(await checkpoint.readFloat32(name)) };
  }
}

/** The numeric initializers of an ONNX model, in its order. @param folder that external data is relative to */
export async function* initializerStatistics(
  { graph }: Pick<Model, 'graph'>,
  folder: string,
): AsyncGenerator<TensorStatistics> {
  for (const [name, { type, dims, data }] of graph.initializers) {
    if (!isNumeric(type)) continue;
    const bytes = isExternal(data) ? await readExternal(folder, data, `tensor "${name}"`) : data;
    const tensor = typedTensor(type, dims, bytes);
    const values = tensor.type === 'float32' ? tensor.data : Float64Array.from(toNumbers(tensor));
    yield { name, dtype: type, shape: dims, ...statisticsOf(values) };
  }
}

/** Two passes in double precision: the difference of large sums would lose the digits of a small spread. */
export function statisticsOf(
  values: Float32Array | Float64Array,
): Pick<TensorStatistics, 'mean' | 'std' | 'nan' | 'inf'> {
  let sum = 0;
  let nan = 0;
  let inf = 0;
  for (const v of values) {
    if (Number.isFinite(v)) sum += v;
    else if (Number.isNaN(v)) nan += 1;
    else inf += 1;
  }
  const count = values.length - nan - inf;
  const mean = sum / count;
  let squares = 0;
  for (const v of values) if (Number.isFinite(v)) squares += (v - mean) * (v - mean);
  return { mean, std: Math.sqrt(squares / count), nan, inf };
}
