/** Floating-point operations of a node: two per multiply-add, of the operators that do nearly all of them in a network. */
import { attribute } from '../../onnx/attributes';
import type { Node } from '../../onnx/model';
import { elementCount } from '../../onnx/model';

export type DimsOf = (tensor: string) => readonly number[] | undefined;

/** Multiply-adds from the shapes of a node's inputs and outputs (ONNX operator specification); undefined where one is not known. */
type MultiplyAdds = (
  node: Node,
  dims: (index: number) => readonly number[],
  out: readonly number[],
) => number;

const perOutput =
  (weights: number): MultiplyAdds =>
  (_, dims, out) => {
    const w = dims(weights);
    // (M, C / groups, k...): each output value reads C / groups * k... of them.
    return elementCount(out) * elementCount(w.slice(1));
  };

const inner =
  (a: number): MultiplyAdds =>
  (_, dims, out) =>
    elementCount(out) * (dims(a).at(-1) ?? 1);

const counted: Readonly<Record<string, MultiplyAdds>> = {
  Conv: perOutput(1),
  ConvInteger: perOutput(1),
  QLinearConv: perOutput(3),
  FusedConv: perOutput(1),
  // (C, M / groups, k...): each input value goes into M / groups * k... of the outputs.
  ConvTranspose: (_, dims) => elementCount(dims(0)) * elementCount(dims(1).slice(1)),
  Gemm: (node, dims, out) =>
    elementCount(out) *
    ((attribute(node, 'transA', 'int') ?? 0) === 0 ? (dims(0)[1] ?? 1) : (dims(0)[0] ?? 1)),
  MatMul: inner(0),
  MatMulInteger: inner(0),
  QLinearMatMul: inner(0),
};

/** Operators that multiply a lot and are not counted: a graph with one of them gets no total. */
const UNCOUNTED: ReadonlySet<string> = new Set([
  ...['Einsum', 'Attention', 'MultiHeadAttention', 'FusedMatMul', 'FusedGemm', 'LSTM', 'GRU', 'RNN'],
  ...['DeformConv', 'QGemm', 'QLinearGemm', 'MatMulNBits', 'If', 'Loop', 'Scan'],
]);

/** 0 for operators that multiply nothing; null where the count is unknown. */
export function flopsOf(node: Node, dimsOf: DimsOf): number | null {
  const rule = Object.hasOwn(counted, node.opType) ? counted[node.opType] : undefined;
  if (rule === undefined) return UNCOUNTED.has(node.opType) ? null : 0;
  const inputs = node.inputs.map(dimsOf);
  const out = dimsOf(node.outputs[0] ?? '');
  if (out === undefined) return null;
  try {
    const found = rule(node, (index) => required(inputs[index]), out);
    return 2 * found;
  } catch (thrown) {
    if (thrown instanceof NotKnown) return null;
    throw thrown;
  }
}

/** Null where that of one node is. */
export function sumOfFlops(nodes: readonly Node[], dimsOf: DimsOf): number | null {
  let sum = 0;
  for (const node of nodes) {
    const flops = flopsOf(node, dimsOf);
    if (flops === null) return null;
    sum += flops;
  }
  return sum;
}

class NotKnown extends Error {}

function required(dims: readonly number[] | undefined): readonly number[] {
  if (dims === undefined) throw new NotKnown();
  return dims;
}
