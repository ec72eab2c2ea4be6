/** Statistics on a GPU: of short rows, so that many are reduced side by side, whichever layer they are of. */
import type { Emitter } from '../../autodiff/emitter';

/**
 * cuDNN takes the least and the greatest of a row one element after the other: a row of 36,100 takes 2.2 ms, one of 1,152 0.1 ms, whether
 * there are 48 rows or 24 (H100, onnxruntime 1.30).
 */
const LONGEST_ROW = 128;

/** Nothing depends on where a row ends: what is left of them is combined outside the graph. @returns a divisor of `elements` */
export function rowLength(elements: number): number {
  let length = Math.min(LONGEST_ROW, elements);
  while (elements % length !== 0) length--;
  return length;
}

/** Columns of `rowStatistics`. */
export const COLUMNS = 5;

/**
 * (R, L) to (R, 5), the columns of `LayerOutputs.stats`. Deviations are from the row's own mean, since rows of several layers are reduced together,
 * which have no mean in common; the spread of the row means is added outside the graph.
 */
export function rowStatistics(emit: Emitter, rows: string): string {
  const means = emit.reduce('ReduceMean', rows, [1]);
  const zeros = emit.cast(emit.op('Equal', [rows, emit.scalar(0, 'float32')]), 'float32');
  const parts = [
    emit.reduce('ReduceSumSquare', emit.sub(rows, means), [1]),
    emit.reduce('ReduceMin', rows, [1]),
    emit.reduce('ReduceMax', rows, [1]),
    emit.reduce('ReduceSum', zeros, [1]),
    means,
  ];
  return emit.concat(parts, 1);
}
