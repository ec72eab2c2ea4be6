/** Makes a graph that the runtime has saved run in the order of the graph that it was made from. */
import type { Model, Node } from '../onnx/model';

/**
 * The runtime goes depth first from the leaves of a graph, that is the nodes that no other node reads, and takes the last leaf of
 * the file first (onnxruntime 1.30, `GraphViewer` and `Graph::ReverseDFSFrom`). It writes an optimised graph with its weights beside it
 * in the order in which it would run it, so that reading the file again turns the order of the leaves round. In an explain graph each
 * layer's results are leaves: the last layer's are meant to come first, and that of the stem, which needs the whole backward pass, at the
 * end. The other way round the gradients of all layers are kept until it is done, and their activations read again when they have
 * long left the cache.
 * @returns the same model with its leaves at the end, back to front: still in topological order. Graphs within nodes read tensors that
 * these do not name, so a model with any stays as it is.
 */
export function turnLeavesRound(model: Model): Model {
  const { nodes } = model.graph;
  if (nodes.some(holdsGraph)) return model;
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const isLeaf = ({ outputs }: Node): boolean => !outputs.some((output) => read.has(output));
  const order = [...nodes.filter((node) => !isLeaf(node)), ...nodes.filter(isLeaf).reverse()];
  return { ...model, graph: { ...model.graph, nodes: order } };
}

const holdsGraph = ({ attributes }: Node): boolean =>
  [...attributes.values()].some(({ kind }) => kind === 'graph');
