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
 * `output`, for the first whose operator is unknown. Where either only lacks what another node should have given, for that one.
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
  const refusalOf = ({ outputs }: Node): LensError | undefined =>
    outputs.map((tensor) => refusals.get(tensor)).find((refusal) => refusal !== undefined);
  const lacks = (node: Node): boolean => node.outputs.some((tensor) => tensor !== '' && !isKnown(tensor));
  const found =
    ordered.find((node) => refusalOf(node) !== undefined) ??
    (isKnown(output) ? undefined : ordered.find(lacks));
  if (found === undefined) return;
  const cause = causeOf(found, ordered, lacks);
  throw refusalOf(cause) ?? notKnown(cause, facts);
}

/** @returns the node that made the first unknown tensor on the way to `node`: all that it reads is known */
function causeOf(node: Node, ordered: readonly Node[], lacks: (node: Node) => boolean): Node {
  const reads = new Set(readsOf(node));
  const before = ordered.slice(0, ordered.indexOf(node)).filter(lacks);
  const maker = before.find(({ outputs }) => outputs.some((tensor) => reads.has(tensor)));
  return maker === undefined ? node : causeOf(maker, ordered, lacks);
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
