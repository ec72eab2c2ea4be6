/** Matrix products: Gemm and MatMul. */
import { at, broadcast, show } from './axes';
import type { ShapeRule } from './shape-rule';

/** Y = alpha A' B' + beta C with A' (M, K), B' (K, N), C broadcast to (M, N). */
const gemm: ShapeRule = {
  opType: 'Gemm',
  infer: (view) => {
    const a = view.input(0).dims;
    const b = view.input(1).dims;
    if (a.length !== 2 || b.length !== 2) view.invalid('two matrices', `${show(a)} and ${show(b)}`);
    const [m, k] = view.int('transA', 0) === 0 ? [at(a, 0), at(a, 1)] : [at(a, 1), at(a, 0)];
    const [k2, n] = view.int('transB', 0) === 0 ? [at(b, 0), at(b, 1)] : [at(b, 1), at(b, 0)];
    if (k !== k2) view.invalid('matching inner dimensions', `${show(a)} and ${show(b)}`);
    if (view.has(2)) broadcast(view, [[m, n], view.input(2).dims]);
    return [{ type: view.input(0).type, dims: [m, n] }];
  },
};

/** numpy.matmul: vectors become one row or column, which is dropped afterwards; leading axes broadcast. */
const matMul: ShapeRule = {
  opType: 'MatMul',
  infer: (view) => {
    const a = view.input(0).dims;
    const b = view.input(1).dims;
    if (a.length === 0 || b.length === 0)
      view.invalid('operands with dimensions', `${show(a)} and ${show(b)}`);
    const left = a.length === 1 ? [1, ...a] : a;
    const right = b.length === 1 ? [...b, 1] : b;
    if (left.at(-1) !== right.at(-2)) view.invalid('matching inner dimensions', `${show(a)} and ${show(b)}`);
    const batch = broadcast(view, [left.slice(0, -2), right.slice(0, -2)]);
    const rows = a.length === 1 ? [] : left.slice(-2, -1);
    const columns = b.length === 1 ? [] : right.slice(-1);
    return [{ type: view.input(0).type, dims: [...batch, ...rows, ...columns] }];
  },
};

export const productRules: readonly ShapeRule[] = [gemm, matMul];
