/** Names the node that keeps a model's output from being known. */
import type { GraphFacts } from '../autodiff/rule';
import { LensError } from '../errors';
import { whereOf } from '../layers/where';
import { readsOf } from '../onnx/graph-index';
import type { Graph, Node } from '../onnx/model';
import { describe } from '../onnx/node-label';
import { AS_LARGE_AS_DATA, reasonUnknown } from '../onnx/shapes';
import { shapeRules } from '../onnx/shapes/registry';

/**
 * @param facts shapes and types of the tensors of which they are known
 * @throws LensError 'model' for the first node on the way to `output` that could not be lowered, and, where nothing is known of
 * `output`, for the first whose operator is unknown.
 */
export function requireKnown(
  graph: Graph,
  output: string,
  facts: GraphFacts,
  refusals: ReadonlyMap<string, LensError>,
): void {
  const isKnown = (tensor: string): boolean => facts.factsOf(tensor) !== undefined;
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
  if (unknown !== undefined) throw notKnown(unknown, facts);
}

function notKnown(node: Node, facts: GraphFacts): LensError {
  const { opType, domain } = node;
  const place = `${describe(node)}${whereOf(node)}: the output depends on it, and`;
  const rule = domain === '' && (shapeRules.has(opType) || AS_LARGE_AS_DATA.has(opType));
  if (!rule)
    return new LensError(
      'model',
      `${place} the operator ${domain === '' ? '' : `${domain}.`}${opType} is not known.`,
      {
        code: 'unknown-operator',
        fix: 'Export the model with other operators of the standard domain.',
      },
    );
  const reason = reasonUnknown(node, { get: (tensor) => facts.factsOf(tensor) }, facts.opset);
  return new LensError(
    'model',
    `${place} the shape of what it makes is not known before the model runs${reason === null ? '' : `: ${reason}`}.`,
    { code: 'unknown-operator', fix: 'Export the model so that no size depends on what is in the picture.' },
  );
}
