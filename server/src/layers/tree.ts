/** The modules of a graph, and the tensor that each gives to what follows it. */
import { indexGraph, readsOf } from '../onnx/graph-index';
import type { Graph, Node } from '../onnx/model';
import type { GraphIndex } from '../onnx/graph-index';
import { KEEPS_ELEMENTS } from '../onnx/moving';
import { scopeOf } from './scope';

export interface Module {
  /** Empty for the model itself. */
  readonly path: string;
  readonly children: readonly Module[];
  /** Nodes in it and in none of its children, in graph order. */
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
  const index = indexGraph(graph);
  for (const node of graph.nodes) {
    if (!between.has(node)) continue;
    let module = root;
    module.all.add(node);
    for (const path of modulesOf(node, index)) {
      const child = module.children.get(path) ?? grow(path);
      module.children.set(path, child);
      module = child;
      module.all.add(node);
    }
    module.own.push(node);
  }
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

/**
 * onnxruntime's optimizer inserts nodes that move elements and name no module: two Reshapes around the Gemm
 * that it makes of a product and a bias (they belong to it, so that its module gives tokens on), Transposes
 * that it has pulled through others (they belong where the nodes on both sides do). As nodes of the model
 * itself they would take tensors out of every module around them.
 */
function modulesOf(node: Node, index: GraphIndex): readonly string[] {
  if (!isPutIn(node)) return scopeOf(node)?.modules ?? [];
  const [input = '', output = ''] = [node.inputs[0], node.outputs[0]];
  const [reader, ...others] = index.consumersOf(output);
  const before = past(index.producerOf(input), ({ inputs: [first = ''] }) => index.producerOf(first));
  const after = past(reader, ({ outputs: [only = ''] }) => index.consumersOf(only)[0]);
  const learned = [
    index.consumersOf(input).length === 1 ? before : undefined,
    others.length === 0 ? after : undefined,
  ].find((each) => each !== undefined && WITH_WEIGHTS.has(each.opType));
  const around = learned === undefined ? [before, after] : [learned];
  const [first = [], second = first] = around.map((each) => (each && scopeOf(each)?.modules) ?? []);
  return first.filter((path, i) => path === second[i]);
}

const isPutIn = (node: Node): boolean =>
  (KEEPS_ELEMENTS.has(node.opType) || node.opType === 'Cast') && scopeOf(node) === null;

/** The first node that was not put in, from this one on. */
function past(node: Node | undefined, next: (node: Node) => Node | undefined): Node | undefined {
  let found = node;
  while (found !== undefined && isPutIn(found)) found = next(found);
  return found;
}

const grow = (path: string): Growing => ({ path, children: new Map(), own: [], all: new Set() });
