/** Which tensors of a graph can be shown as layers, and how each is read. */
import type { Graph, Node } from '../onnx/model';
import { elementCount } from '../onnx/model';
import type { LayerForm } from './form';
import { positionsOf } from './form';
import type { Layout } from './layout';
import { formOfLayout, layoutsOf } from './layout';

type FactsOf = (tensor: string) => { readonly type: string; readonly dims: readonly number[] } | undefined;

export interface GraphToRead {
  readonly graph: Graph;
  /** The picture. */
  readonly image: string;
  /** Nodes between the picture and the logits. */
  readonly between: ReadonlySet<Node>;
  readonly factsOf: FactsOf;
}

export interface Usable {
  readonly tensor: string;
  readonly shape: readonly number[];
  readonly form: LayerForm;
  readonly node: Node;
  /** In graph order. */
  readonly order: number;
}

/** Operators that begin the network: everything before them prepares the picture. */
const LEARNED: ReadonlySet<string> = new Set([
  'Conv',
  'ConvTranspose',
  'Gemm',
  'MatMul',
  'MaxPool',
  'LSTM',
  'GRU',
]);

/** By tensor. Vectors too; what has neither positions nor the shape (1, C) is absent, such as attention scores. */
export function usableTensors({ graph, image, between, factsOf }: GraphToRead): ReadonlyMap<string, Usable> {
  const constants = new Set(graph.initializers.keys());
  const layouts = new Map<string, Layout>(
    layoutsOf(graph.nodes, {
      dimsOf: (tensor) => factsOf(tensor)?.dims,
      isConstant: (tensor) => constants.has(tensor),
      picture: image,
    }),
  );
  const inside = new Set<string>();
  const usable = new Map<string, Usable>();
  graph.nodes.forEach((node, order) => {
    const behind = LEARNED.has(node.opType) || node.inputs.some((input) => inside.has(input));
    if (!between.has(node) || !behind) return;
    for (const tensor of node.outputs) {
      inside.add(tensor);
      const facts = factsOf(tensor);
      if (facts?.type !== 'float32' || facts.dims[0] !== 1) continue;
      const form = formAt(facts.dims, layouts.get(tensor));
      if (form !== null) usable.set(tensor, { tensor, shape: facts.dims, form, node, order });
    }
  });
  return usable;
}

function formAt(dims: readonly number[], layout: Layout | undefined): LayerForm | null {
  // Tokens after channels occur between two layout changes, inside a module.
  if (layout !== undefined) return layout.axes === 'NCT' ? null : formOfLayout(layout, dims);
  return dims.length === 2 ? { kind: 'vector', channels: elementCount(dims) } : null;
}

/** A picture of more than one position. */
export const isMap = ({ form }: Usable): boolean => form.kind === 'map' && positionsOf(form) > 1;
