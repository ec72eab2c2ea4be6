/** Removes unused parts of a graph. */
import { readsOf } from './graph-index';
import type { Graph } from './model';

/**
 * The graph with only the nodes and initializers that `outputs` (any tensors of the graph) depend on: by default its own. Inputs stay, so that
 * callers need not know which of them matter; declared outputs stay if they are among `outputs`.
 */
export function pruneTo(
  graph: Graph,
  outputs: Iterable<string> = graph.outputs.map(({ name }) => name),
): Graph {
  const wanted = new Set(outputs);
  const needed = new Set(wanted);
  const kept = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return false;
    for (const name of readsOf(node)) needed.add(name);
    return true;
  });
  return {
    ...graph,
    nodes: kept.reverse(),
    outputs: graph.outputs.filter((output) => wanted.has(output.name)),
    initializers: new Map([...graph.initializers].filter(([name]) => needed.has(name))),
  };
}
