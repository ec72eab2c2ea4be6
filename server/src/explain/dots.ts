/** Dot products, row by row. */
import type { Emitter } from '../autodiff/emitter';

/**
 * The dot products of the rows of two tensors (R, 1, L), as (R, 1, 1). A matrix product, into which the runtime fuses
 * the transposition, reads each tensor once, with the widest instructions; Mul and ReduceSum would write and
 * read the products as well, and ReduceSumSquare adds one element at a time (onnxruntime 1.30).
 */
export const rowDots = (emit: Emitter, a: string, b: string): string =>
  emit.op('MatMul', [a, emit.transpose(b, [0, 2, 1])]);
