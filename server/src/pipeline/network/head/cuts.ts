/** Tensors that every path from the image to an output passes through, the nearest to the output first. */
import type { Graph, Node } from '../../../onnx/model';
import { elementCount } from '../../../onnx/model';

/** A tensor, and the nodes that turn it into the output. */
export interface Cut {
  readonly tensor: string;
  /** In graph order; empty for the output itself. */
  readonly tail: readonly Node[];
}

export type FactsOf = (
  tensor: string,
) => { readonly type: string; readonly dims: readonly number[] } | undefined;

/** Operators with weights or windows: no activation reaches beyond them. */
const LEARNED: ReadonlySet<string> = new Set([
  ...['Conv', 'ConvTranspose', 'ConvInteger', 'QLinearConv', 'DeformConv', 'Gemm', 'MatMul', 'MatMulInteger'],
  ...['QLinearMatMul', 'LSTM', 'GRU', 'RNN', 'Attention', 'BatchNormalization', 'InstanceNormalization'],
  ...['MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'LpPool', 'GlobalLpPool', 'Resize'],
]);

/** An activation written out takes some ten nodes. */
const MOST_NODES = 40;

/** Elements of a tensor of the tail: classes, not pictures. */
const MOST_ELEMENTS = 1 << 17;

/**
 * Walks back from `output` to a layer with weights, a nested graph or a tensor that is not a list of classes.
 * @param fromImage tensors that depend on the image
 */
export function cutsBefore(
  graph: Graph,
  output: string,
  fromImage: ReadonlySet<string>,
  factsOf: FactsOf,
): readonly Cut[] {
  const producers = new Map<string, number>();
  graph.nodes.forEach(({ outputs }, index) => outputs.forEach((name) => producers.set(name, index)));
  const cuts: Cut[] = [{ tensor: output, tail: [] }];
  const tail: Node[] = [];
  let open = new Set([output]);
  while (tail.length < MOST_NODES) {
    // Take the open tensor that is computed last: no other open tensor depends on it.
    const last = Math.max(...[...open].map((tensor) => producers.get(tensor) ?? -1));
    const node = graph.nodes[last];
    if (node === undefined || !isPlain(node)) break;
    open = new Set([...open].filter((tensor) => !node.outputs.includes(tensor)));
    for (const input of node.inputs) if (fromImage.has(input)) open.add(input);
    tail.unshift(node);
    if (open.size === 0 || ![...open].every((tensor) => isSmall(factsOf(tensor)))) break;
    const [tensor] = open;
    if (open.size === 1 && tensor !== undefined) cuts.push({ tensor, tail: [...tail] });
  }
  return cuts;
}

const isPlain = ({ domain, opType, attributes }: Node): boolean =>
  (domain === '' || domain === 'ai.onnx') &&
  !LEARNED.has(opType) &&
  [...attributes.values()].every(({ kind }) => kind !== 'graph');

const isSmall = (facts: ReturnType<FactsOf>): boolean =>
  facts !== undefined && elementCount(facts.dims) <= MOST_ELEMENTS;
