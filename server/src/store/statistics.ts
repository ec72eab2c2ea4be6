/** What a checkpoint's tensors look like: enough to see that one is empty, exploded or not a number. */
import type { Checkpoint, TensorInfo } from '../checkpoints/checkpoint';
import { throwIfAborted } from '../errors';

export interface TensorStatistics extends TensorInfo {
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
  for (const info of checkpoint.stateDict.values()) {
    throwIfAborted(signal);
    yield { ...info, ...statisticsOf(await checkpoint.readFloat32(info.name)) };
  }
}

/** Two passes in double precision: the difference of large sums would lose the digits of a small spread. */
export function statisticsOf(values: Float32Array): Pick<TensorStatistics, 'mean' | 'std' | 'nan' | 'inf'> {
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
