/** Dead code: what no output needs is left out, nodes and constants alike. */
import { readsOf } from '../../onnx/graph-index';
import type { Graph, Node } from '../../onnx/model';

/** The graph without nodes and initializers that none of its outputs depends on. Outputs of a kept node stay as they are. */
export function sweep(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const kept: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    for (const input of readsOf(node)) needed.add(input);
    kept.push(node);
  }
  const initializers = new Map([...graph.initializers].filter(([name]) => needed.has(name)));
  return { ...graph, nodes: kept.reverse(), initializers };
}
