/** Equal computations of constants become one: thousands of layers of one shape ask for the same weights. */
import { readsOf } from '../../onnx/graph-index';
import type { Attribute, Graph, Node } from '../../onnx/model';

/**
 * The graph with one node for all those that compute the same from constants. The runtime would compute all
 * of them when it loads the graph, and sort them with all other nodes until then.
 */
export function mergeConstants(graph: Graph): Graph {
  const fixed = new Set(graph.outputs.map(({ name }) => name));
  const constants = new Set(graph.initializers.keys());
  const first = new Map<string, Node>();
  const merged = new Map<string, string>();
  const nodes = graph.nodes.flatMap((given): readonly Node[] => {
    const node = given.inputs.some((name) => merged.has(name))
      ? { ...given, inputs: given.inputs.map((name) => merged.get(name) ?? name) }
      : given;
    if (!isConstant(node, constants)) return [node];
    for (const output of node.outputs) constants.add(output);
    const key = keyOf(node);
    const same = key === null || node.outputs.some((name) => fixed.has(name)) ? undefined : first.get(key);
    if (same !== undefined) {
      node.outputs.forEach((output, i) => merged.set(output, same.outputs[i] ?? ''));
      return [];
    }
    if (key !== null) first.set(key, node);
    return [node];
  });
  return merged.size === 0 ? graph : { ...graph, nodes };
}

function isConstant(node: Node, constants: ReadonlySet<string>): boolean {
  if (node.opType.startsWith('Random') || node.opType === 'Bernoulli' || node.opType === 'Multinomial')
    return false;
  const reads = readsOf(node);
  return reads.size > 0 && [...reads].every((name) => constants.has(name));
}

/** Equal for nodes that compute the same; null where attributes hold more than numbers and words. */
function keyOf({ domain, opType, inputs, outputs, attributes }: Node): string | null {
  const values: (readonly [string, Attribute])[] = [...attributes].sort(([a], [b]) => (a < b ? -1 : 1));
  if (values.some(([, { kind }]) => kind === 'tensor' || kind === 'graph')) return null;
  return JSON.stringify([domain, opType, inputs, outputs.map((name) => name !== ''), values]);
}
