/** Which tensors lie on a path: downstream of the tensors asked for, and upstream of the outputs that are differentiated. */
import type { Node } from '../onnx/model';
import { isStop, passes, type Rule } from './rule';

export type RuleOf = (node: Node) => Rule | undefined;

/**
 * Tensors that depend on `sources` through inputs that let a gradient pass. A node without a rule is assumed to pass it
 * everywhere, so that the driver meets it and can say that it is unsupported.
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
    if (rule !== undefined && isStop(rule)) continue;
    if (!node.inputs.some((input, i) => reached.has(input) && (!rule || passes(rule, i)))) continue;
    for (const output of node.outputs) if (output !== '' && carriesGradient(output)) reached.add(output);
  }
  return reached;
}

/** Tensors on which `targets` depend through inputs that let a gradient pass. */
export function backwardReach(
  nodes: readonly Node[],
  targets: Iterable<string>,
  ruleOf: RuleOf,
): Set<string> {
  const reached = new Set(targets);
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((output) => reached.has(output))) continue;
    const rule = ruleOf(node);
    node.inputs.forEach((input, i) => {
      if (input !== '' && (rule === undefined || passes(rule, i))) reached.add(input);
    });
  }
  reached.delete('');
  return reached;
}
