/** The modules of a graph, and the tensor that each gives to what follows it. */
import { indexGraph, readsOf } from '../onnx/graph-index';
import type { Graph, Node } from '../onnx/model';
import { scopeOf } from './scope';

export interface Module {
  /** Empty for the model itself. */
  readonly path: string;
  readonly children: readonly Module[];
  /** Nodes that lie in it and in no child, in graph order. */
  readonly own: readonly Node[];
  /** What it gives to nodes outside it; null where that is none or several tensors. */
  readonly output: string | null;
}

interface Growing {
  readonly path: string;
  readonly children: Map<string, Growing>;
  readonly own: Node[];
  readonly all: Set<Node>;
}

/** Share of the nodes with weights that must say where they belong. */
const MOST_NAMELESS = 0.4;

const WITH_WEIGHTS: ReadonlySet<string> = new Set(['Conv', 'Gemm', 'MatMul', 'ConvTranspose']);

/** @param between nodes between the picture and the logits @returns null for a graph without names */
export function moduleTree(graph: Graph, between: ReadonlySet<Node>): Module | null {
  const root = grow('');
  const learned = [...between].filter(({ opType }) => WITH_WEIGHTS.has(opType));
  if (learned.filter((node) => scopeOf(node) === null).length > MOST_NAMELESS * learned.length) return null;
  for (const node of graph.nodes) {
    if (!between.has(node)) continue;
    let module = root;
    module.all.add(node);
    for (const path of scopeOf(node)?.modules ?? []) {
      const child = module.children.get(path) ?? grow(path);
      module.children.set(path, child);
      module = child;
      module.all.add(node);
    }
    module.own.push(node);
  }
  const index = indexGraph(graph);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const readOutside = (tensor: string, inside: ReadonlySet<Node>): boolean =>
    outputs.has(tensor) ||
    index.consumersOf(tensor).some((node) => !inside.has(node) && readsOf(node).has(tensor));
  const finish = ({ path, children, own, all }: Growing): Module => {
    const given = [...all].flatMap((node) =>
      node.outputs.filter((tensor) => tensor !== '' && readOutside(tensor, all)),
    );
    return {
      ...{ path, own, children: [...children.values()].map(finish) },
      output: given.length === 1 ? (given[0] ?? null) : null,
    };
  };
  return finish(root);
}

const grow = (path: string): Growing => ({ path, children: new Map(), own: [], all: new Set() });
