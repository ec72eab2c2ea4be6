/** Dot products, row by row. */
import type { Emitter } from '../autodiff/emitter';

/**
 * The `rows` dot products of two tensors of rows x length elements, as (rows, 1, 1). As a product of matrices, whose transposition
 * the runtime takes into the product, this reads each tensor once, with the widest instructions; Mul and ReduceSum would write and
 * read the products as well, and ReduceSumSquare adds one element at a time (onnxruntime 1.30).
 */
export function rowDots(emit: Emitter, a: string, b: string, rows: number, length: number): string {
  const left = emit.reshape(a, [rows, 1, length]);
  const right = a === b ? left : emit.reshape(b, [rows, 1, length]);
  return emit.op('MatMul', [left, emit.transpose(right, [0, 2, 1])]);
}
