/** Names the node that stands between a model's image and its output where nothing is known of the output. */
import { LensError } from '../errors';
import { readsOf } from '../onnx/graph-index';
import type { Graph, Node } from '../onnx/model';
import { describe } from '../onnx/node-label';

/**
 * @param isKnown whether shape and type of a tensor are known
 * @throws LensError 'model' for the first node on the way to `output` that could not be lowered, and, where nothing is known of
 * `output`, for the first whose operator is not known.
 */
export function requireKnown(
  graph: Graph,
  output: string,
  isKnown: (tensor: string) => boolean,
  refusals: ReadonlyMap<string, LensError>,
): void {
  const needed = new Set([output]);
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((tensor) => needed.has(tensor))) return false;
    for (const tensor of readsOf(node)) needed.add(tensor);
    return true;
  });
  const ordered = nodes.reverse();
  for (const { outputs } of ordered)
    for (const tensor of outputs) {
      const refusal = refusals.get(tensor);
      if (refusal !== undefined) throw refusal;
    }
  if (isKnown(output)) return;
  const unknown = ordered.find((node) => node.outputs.some((tensor) => tensor !== '' && !isKnown(tensor)));
  if (unknown !== undefined) throw notKnown(unknown);
}

function notKnown(node: Node): LensError {
  const operator = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
  return new LensError(
    'model',
    `${describe(node)}: the output depends on it, and what the operator ${operator} makes is not known before the model runs.`,
    { fix: 'Export the model with other operators of the standard domain.' },
  );
}
