/** Gradients of matrix products. */
import { gradient } from '../ports';
import type { DifferentiableRule, GradientContext } from '../rule';
import { float } from '../../onnx/builder';
import { at } from '../window';

/**
 * Y = alpha A' B' + beta C, where A' is A or its transpose. dA' = alpha dY B'^T and dB' = alpha A'^T dY; each is written so
 * that the result comes out in the layout of A and B.
 */
const gemm: DifferentiableRule = {
  opType: 'Gemm',
  since: 9,
  inputs: [gradient('A'), gradient('B'), gradient('C')],
  build(ctx) {
    const { emit } = ctx;
    const [a, b, dy] = [ctx.input(0), ctx.input(1), ctx.gradOfOutput(0)];
    const [transA, transB] = [ctx.int('transA', 0), ctx.int('transB', 0)];
    const product = (left: string, right: string, tLeft: number, tRight: number): string =>
      emit.op('Gemm', [left, right], { transA: tLeft, transB: tRight, alpha: float(ctx.float('alpha', 1)) });
    const da = (): string => (transA ? product(b, dy, transB, 1) : product(dy, b, 0, 1 - transB));
    const db = (): string => (transB ? product(dy, a, 1, transA) : product(a, dy, 1 - transA, 0));
    const dc = (): string => {
      const beta = ctx.float('beta', 1);
      const scaled = beta === 1 ? dy : emit.mul(dy, emit.scalar(beta, ctx.typeOfInput(0)));
      return emit.sumTo(scaled, ctx.shapeOfOutput(0), ctx.shapeOfInput(2));
    };
    return [
      ctx.needs(0) ? da() : undefined,
      ctx.needs(1) ? db() : undefined,
      ctx.needs(2) ? dc() : undefined,
    ];
  },
};

/**
 * Y = A B, batched as in NumPy: dA = dY B^T, dB = A^T dY, summed over broadcast batch axes. A vector is a matrix with one
 * row (left) or one column (right).
 */
const matMul: DifferentiableRule = {
  opType: 'MatMul',
  since: 1,
  inputs: [gradient('A'), gradient('B')],
  build(ctx) {
    const { emit } = ctx;
    const [shapeA, shapeB] = [ctx.shapeOfInput(0), ctx.shapeOfInput(1)];
    const matrixA = shapeA.length === 1 ? [1, ...shapeA] : shapeA;
    const matrixB = shapeB.length === 1 ? [...shapeB, 1] : shapeB;
    const asMatrix = (tensor: string, shape: readonly number[], matrix: readonly number[]): string =>
      shape.length === matrix.length ? tensor : emit.reshape(tensor, matrix);
    const [rows, columns] = [at(matrixA, matrixA.length - 2), at(matrixB, matrixB.length - 1)];
    const vectors = shapeA.length === 1 || shapeB.length === 1;
    const batch = vectors ? batchOf(ctx, shapeA, shapeB) : ctx.shapeOfOutput(0).slice(0, -2);
    const dy = vectors ? emit.reshape(ctx.gradOfOutput(0), [...batch, rows, columns]) : ctx.gradOfOutput(0);
    const fit = (full: string, shape: readonly number[], matrix: readonly number[]): string => {
      const [m, n] = matrix.slice(-2);
      const summed = emit.sumTo(full, [...batch, m ?? 1, n ?? 1], matrix);
      return shape.length === matrix.length ? summed : emit.reshape(summed, shape);
    };
    const da = (): string => {
      const b = transposed(ctx, asMatrix(ctx.input(1), shapeB, matrixB), matrixB.length);
      return fit(emit.op('MatMul', [dy, b]), shapeA, matrixA);
    };
    const db = (): string => {
      const a = transposed(ctx, asMatrix(ctx.input(0), shapeA, matrixA), matrixA.length);
      return fit(emit.op('MatMul', [a, dy]), shapeB, matrixB);
    };
    return [ctx.needs(0) ? da() : undefined, ctx.needs(1) ? db() : undefined];
  },
};

/** Batch axes of a product with a vector: those of the other operand. */
function batchOf(
  ctx: GradientContext,
  shapeA: readonly number[],
  shapeB: readonly number[],
): readonly number[] {
  if (shapeA.length > 1) return shapeA.slice(0, -2);
  return shapeB.length > 1 ? shapeB.slice(0, -2) : [];
}

function transposed(ctx: GradientContext, tensor: string, rank: number): string {
  const perm = Array.from({ length: rank }, (_, axis) => axis);
  [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
  return ctx.emit.transpose(tensor, perm);
}

export const linearRules: readonly DifferentiableRule[] = [gemm, matMul];
