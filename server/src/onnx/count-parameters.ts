/** How many values of a graph were trained. */
import type { Graph } from './model';
import { elementCount, FLOATING } from './model';
import { constantRoles, packedValues } from './quantized-constants';

/**
 * Values of the floating-point initializers, since integers are shapes, axes and indices; of a quantized graph whatever is stored with a
 * scale too, and neither scales nor zero points.
 */
export function countParameters({
  graph,
}: {
  readonly graph: Pick<Graph, 'nodes' | 'initializers'>;
}): number {
  const [roles, packed] = [constantRoles(graph), packedValues(graph)];
  let total = 0;
  for (const [name, { type, dims }] of graph.initializers) {
    const role = roles.get(name);
    if (role === 'value' || (role === undefined && FLOATING.has(type)))
      total += packed.get(name) ?? elementCount(dims);
  }
  return total;
}
