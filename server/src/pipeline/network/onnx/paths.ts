/** Ancestors and descendants of a graph's tensors. */
import { readsOf } from '../../../onnx/graph-index';
import type { Node } from '../../../onnx/model';

/** The tensors, and all that they are computed from. @param nodes in topological order */
export function ancestorsOf(tensors: Iterable<string>, nodes: readonly Node[]): ReadonlySet<string> {
  const found = new Set(tensors);
  for (const node of nodes.toReversed()) {
    if (node.outputs.some((output) => found.has(output))) for (const input of readsOf(node)) found.add(input);
  }
  return found;
}

/** The tensor, and all that is computed from it. @param nodes in topological order */
export function descendantsOf(tensor: string, nodes: readonly Node[]): ReadonlySet<string> {
  const found = new Set([tensor]);
  for (const node of nodes) {
    if ([...readsOf(node)].some((input) => found.has(input)))
      for (const output of node.outputs) if (output !== '') found.add(output);
  }
  return found;
}
