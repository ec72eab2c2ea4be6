/** Producers and consumers of tensors, and the order in which nodes can run. */
import type { Graph, Node } from './model';

export interface GraphIndex {
  /** The node that computes this tensor; undefined for graph inputs and initializers. */
  producerOf(tensor: string): Node | undefined;
  /** The nodes that read this tensor, each once, in graph order; also those that read it only inside a nested graph. */
  consumersOf(tensor: string): readonly Node[];
}

export function indexGraph(graph: Graph): GraphIndex {
  const producers = new Map<string, Node>();
  const consumers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) if (output !== '') producers.set(output, node);
    for (const input of readsOf(node)) {
      const list = consumers.get(input);
      if (list === undefined) consumers.set(input, [node]);
      else list.push(node);
    }
  }
  return {
    producerOf: (tensor) => producers.get(tensor),
    consumersOf: (tensor) => consumers.get(tensor) ?? [],
  };
}

/** Nodes do not change, and every pass over a graph asks again. */
const known = new WeakMap<Node, ReadonlySet<string>>();

/** Names that a node reads: its inputs without omitted ones, and what its nested graphs capture. */
export function readsOf(node: Node): ReadonlySet<string> {
  const found = known.get(node) ?? findReads(node);
  known.set(node, found);
  return found;
}

function findReads(node: Node): ReadonlySet<string> {
  const reads = new Set(node.inputs.filter((input) => input !== ''));
  for (const attribute of node.attributes.values()) {
    if (attribute.kind === 'graph') for (const name of capturedBy(attribute.value)) reads.add(name);
  }
  return reads;
}

/** Names that a nested graph captures from the enclosing graph. */
function capturedBy(graph: Graph): ReadonlySet<string> {
  const own = new Set([...graph.initializers.keys(), ...graph.inputs.map((input) => input.name)]);
  for (const node of graph.nodes) for (const output of node.outputs) own.add(output);
  const captured = new Set<string>();
  const read = (name: string): void => {
    if (!own.has(name)) captured.add(name);
  };
  for (const node of graph.nodes) readsOf(node).forEach(read);
  for (const output of graph.outputs) read(output.name);
  return captured;
}

/**
 * The nodes in an order in which each comes after those it reads from; nodes already in order keep their places.
 * Returns null if a node needs its own result (a cycle).
 */
export function topologicalSort(nodes: readonly Node[]): readonly Node[] | null {
  const producers = new Map<string, Node>();
  for (const node of nodes) for (const output of node.outputs) if (output !== '') producers.set(output, node);
  const needs = (node: Node): Iterator<string> => readsOf(node)[Symbol.iterator]();
  const state = new Map<Node, 'open' | 'done'>();
  const sorted: Node[] = [];
  // Depth first with an explicit stack: a chain of a hundred thousand nodes must not overflow the call stack.
  for (const root of nodes) {
    if (state.has(root)) continue;
    const stack = [{ node: root, rest: needs(root) }];
    state.set(root, 'open');
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.rest.next();
      if (next.done === true) {
        state.set(top.node, 'done');
        sorted.push(top.node);
        stack.pop();
        continue;
      }
      const producer = producers.get(next.value);
      if (producer === undefined) continue;
      const seen = state.get(producer);
      if (seen === 'open') return null;
      if (seen === 'done') continue;
      state.set(producer, 'open');
      stack.push({ node: producer, rest: needs(producer) });
    }
  }
  return sorted;
}
