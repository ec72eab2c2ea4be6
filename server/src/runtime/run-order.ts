/** The order of a graph's nodes in its file, which decides how long the runtime sorts them and in which order it runs them. */
import { readsOf } from '../onnx/graph-index';
import type { Graph, Model, Node } from '../onnx/model';

/**
 * For a graph that the runtime is to optimize: few nodes wait at any time. The runtime sorts a graph about a
 * hundred times while it optimizes it and several times while it loads it. It holds the nodes whose inputs
 * are there, by their place in the file, in a list that it walks for each node that joins (onnxruntime 1.30,
 * `Graph::KahnsTopologicalSort`). Where the file has the gradients after the whole forward pass, that takes
 * time with the square of the nodes. Here a node comes as soon as what it reads is there, and of several the
 * one with the shortest way to an end comes first.
 * @returns the same model, in topological order
 */
export function inSortingOrder(model: Model): Model {
  const { graph } = model;
  return reordered(model, soonest(linksOf(graph)));
}

/**
 * For a graph that is to be run: the same, but what no node reads (the leaves) comes last, in the order of the graph's outputs. The
 * runtime runs a graph depth first from its leaves and takes the last one first (`GraphViewer`, `Graph::ReverseDFSFrom`). In an explain
 * graph each layer's results are leaves: the last layer's are meant to come first, and that of the stem, which needs the whole backward
 * pass, at the end. The other way round the gradients of all layers are held until it is done, and their activations read again when
 * they have long left the cache.
 * @returns the same model, in topological order
 */
export function inRunOrder(model: Model): Model {
  const { graph } = model;
  const links = linksOf(graph);
  const place = new Map(graph.outputs.map(({ name }, i) => [name, i] as const));
  const outputOf = (node: number): number =>
    Math.min(...(graph.nodes[node]?.outputs ?? []).map((name) => place.get(name) ?? Infinity));
  const inner: number[] = [];
  const leaves: { readonly node: number; readonly output: number }[] = [];
  for (const node of soonest(links)) {
    if (links[node]?.readers.length === 0) leaves.push({ node, output: outputOf(node) });
    else inner.push(node);
  }
  leaves.sort((a, b) => a.output - b.output);
  return reordered(model, [...inner, ...leaves.map(({ node }) => node)]);
}

/**
 * Steps that the runtime takes through its list of waiting nodes in one sort of the graph as its file has it. What is computed from
 * constants alone is not counted, since it is folded early on.
 */
export function sortingSteps({ graph }: Model): number {
  const links = linksOf(graph);
  const varies = dependOnInputs(graph, links);
  /** How many nodes are set free by each node and have their turn later; -1 are those that read no other node. */
  const joining = new Map<number, number>();
  const nodes = links.flatMap((_, i) => (varies[i] === true ? [i] : []));
  for (const node of nodes) {
    const freedBy = Math.max(-1, ...(links[node]?.makers ?? []).filter((maker) => varies[maker]));
    joining.set(freedBy, (joining.get(freedBy) ?? 0) + 1);
  }
  let waiting = 0;
  let steps = 0;
  for (const node of [-1, ...nodes]) {
    if (node >= 0) waiting -= 1;
    const count = joining.get(node) ?? 0;
    steps += count * waiting + (count * (count - 1)) / 2;
    waiting += count;
  }
  return steps;
}

const reordered = (model: Model, order: readonly number[]): Model => {
  const { graph } = model;
  return { ...model, graph: { ...graph, nodes: order.map((node) => graph.nodes[node] as Node) } };
};

/** The neighbors of a node, by their places in the graph. */
interface Links {
  /** Of what it reads, each once. */
  readonly makers: readonly number[];
  readonly readers: number[];
}

function linksOf({ nodes }: Graph): readonly Links[] {
  const makers = new Map<string, number>();
  nodes.forEach(({ outputs }, i) => {
    for (const output of outputs) if (output !== '') makers.set(output, i);
  });
  const links = nodes.map((node): Links => {
    const found = [...readsOf(node)].flatMap((name) => makers.get(name) ?? []);
    return { makers: [...new Set(found)], readers: [] };
  });
  links.forEach((link, i) => {
    for (const maker of link.makers) links[maker]?.readers.push(i);
  });
  return links;
}

/** Nodes on the longest way from each to a leaf. */
function heightsOf(links: readonly Links[]): readonly number[] {
  const heights = new Array<number>(links.length).fill(0);
  for (let i = links.length - 1; i >= 0; i--) {
    for (const maker of links[i]?.makers ?? [])
      heights[maker] = Math.max(heights[maker] ?? 0, (heights[i] ?? 0) + 1);
  }
  return heights;
}

/** A topological order in which the nodes that a node sets free follow it at once, those with the shortest way to a leaf first. */
function soonest(links: readonly Links[]): readonly number[] {
  const heights = heightsOf(links);
  const missing = links.map(({ makers }) => makers.length);
  const lowestLast = (a: number, b: number): number => (heights[b] ?? 0) - (heights[a] ?? 0) || b - a;
  const free = links.flatMap(({ makers }, i) => (makers.length === 0 ? [i] : [])).sort(lowestLast);
  const order: number[] = [];
  for (let node = free.pop(); node !== undefined; node = free.pop()) {
    order.push(node);
    const freed: number[] = [];
    for (const reader of links[node]?.readers ?? []) {
      const left = (missing[reader] ?? 0) - 1;
      missing[reader] = left;
      if (left === 0) freed.push(reader);
    }
    free.push(...freed.sort(lowestLast));
  }
  return order;
}

/** Whether each node reads an input of the graph, itself or through others. */
function dependOnInputs({ nodes, inputs }: Graph, links: readonly Links[]): readonly boolean[] {
  const names = new Set(inputs.map(({ name }) => name));
  const depends: boolean[] = [];
  nodes.forEach((node, i) => {
    const direct = [...readsOf(node)].some((name) => names.has(name));
    depends.push(direct || (links[i]?.makers ?? []).some((maker) => depends[maker]));
  });
  return depends;
}
