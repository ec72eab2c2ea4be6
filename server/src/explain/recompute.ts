/** Recomputes activations in the backward pass instead of holding them since the forward pass. */
import { indexGraph } from '../onnx/graph-index';
import type { GraphIndex } from '../onnx/graph-index';
import type { Model, Node } from '../onnx/model';

/** One tensor in, one out, and one pass over memory: as the runtime writes Swish. */
const CHEAP: ReadonlySet<string> = new Set(['QuickGelu']);

/**
 * The result of a cheap operator on x that the backward pass reads is recomputed there, if the backward pass reads x as well: the
 * forward pass then holds one tensor instead of two. Memory that is not allocated costs no page faults, and what is computed just before it is
 * read is still in the CPU's cache, so this takes no longer. For a network that the runtime has optimized, as it would merge equal nodes
 * again.
 * @param logits the forward pass is all that these are computed from
 * @returns a model with the same results, bit for bit
 */
export function recomputeActivations(model: Model, logits: string): Model {
  const { graph } = model;
  const index = indexGraph(graph);
  const forward = ancestorsOf(logits, index);
  const isLate = (node: Node): boolean => !forward.has(node);
  const again = new Map<string, Node>();
  for (const node of forward) {
    const { inputs, outputs } = node;
    const [x = ''] = inputs;
    const [y = ''] = outputs;
    const alone = inputs.length === 1 && outputs.length === 1;
    if (!CHEAP.has(node.opType) || !alone || !index.consumersOf(x).some(isLate)) continue;
    if (index.consumersOf(y).some(isLate))
      again.set(y, { ...node, name: `${node.name}/again`, outputs: [`${y}/again`] });
  }
  const made = new Set<string>();
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    if (!isLate(node) || !node.inputs.some((name) => again.has(name))) return [node];
    const first = [...new Set(node.inputs)].flatMap((name) => {
      const copy = again.get(name);
      if (copy === undefined || made.has(name)) return [];
      made.add(name);
      return [copy];
    });
    return [...first, { ...node, inputs: node.inputs.map((name) => again.get(name)?.outputs[0] ?? name) }];
  });
  return { ...model, graph: { ...graph, nodes } };
}

/** The nodes that a tensor is computed by. */
function ancestorsOf(tensor: string, index: GraphIndex): ReadonlySet<Node> {
  const found = new Set<Node>();
  const open = [tensor];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const node = index.producerOf(name);
    if (node === undefined || found.has(node)) continue;
    found.add(node);
    open.push(...node.inputs);
  }
  return found;
}
