/** Which tensors lie on a path: downstream of the tensors requested, and upstream of the outputs that are differentiated. */
import { readsOf } from '../onnx/graph-index';
import type { Node } from '../onnx/model';
import { matters } from './ports';
import { outputPort, passes, type Rule } from './rule';

export type RuleOf = (node: Node) => Rule | undefined;

/**
 * Tensors that depend on `sources` through inputs that let a gradient pass. A node without a rule is assumed
 * to pass it everywhere, so that the driver reaches it and can say that it is unsupported.
 */
export function forwardReach(
  nodes: readonly Node[],
  sources: Iterable<string>,
  ruleOf: RuleOf,
  carriesGradient: (tensor: string) => boolean,
): Set<string> {
  const reached = new Set(sources);
  for (const node of nodes) {
    const rule = ruleOf(node);
    if (!readsAny(node, rule, reached)) continue;
    node.outputs.forEach((output, i) => {
      const counts = rule === undefined || matters(outputPort(rule, i));
      if (output !== '' && counts && carriesGradient(output)) reached.add(output);
    });
  }
  return reached;
}

/** The tensors that a gradient passes to: without a rule all that the node reads, in nested graphs too. */
function* passingInputs(node: Node, rule: Rule | undefined): Generator<string> {
  if (rule === undefined) yield* readsOf(node);
  else for (const [i, input] of node.inputs.entries()) if (input !== '' && passes(rule, i)) yield input;
}

/** Whether the node reads one of `tensors` where a gradient passes. */
export function readsAny(node: Node, rule: Rule | undefined, tensors: ReadonlySet<string>): boolean {
  for (const input of passingInputs(node, rule)) if (tensors.has(input)) return true;
  return false;
}

/** Tensors on which `targets` depend through inputs that let a gradient pass. */
export function backwardReach(
  nodes: readonly Node[],
  targets: Iterable<string>,
  ruleOf: RuleOf,
): Set<string> {
  const reached = new Set(targets);
  for (const node of nodes.toReversed()) {
    const rule = ruleOf(node);
    const used = node.outputs.some(
      (output, i) => reached.has(output) && (rule === undefined || matters(outputPort(rule, i))),
    );
    if (used) for (const input of passingInputs(node, rule)) reached.add(input);
  }
  reached.delete('');
  return reached;
}
