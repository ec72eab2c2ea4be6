/** Reverse-mode differentiation of an ONNX graph: appends the nodes that compute dL/d tensor to a graph being built. */
import { whereOf } from '../layers/where';
import type { GraphBuilder } from '../onnx/builder';
import type { Node } from '../onnx/model';
import { createContext } from './context';
import { Emitter } from './emitter';
import { backwardReach, forwardReach, readsAny } from './reach';
import { NoGradient } from './no-gradient';
import type { RuleRegistry } from './registry';
import { inputPort, isStop, outputPort, type GradientContext, type GraphFacts, type Rule } from './rule';
import { standardRules } from './rules';

export interface GradientRequest {
  /** Already holds (or imports) every forward tensor; gradient nodes are appended to it. */
  readonly builder: GraphBuilder;
  /** The forward nodes in topological order. */
  readonly nodes: readonly Node[];
  readonly facts: GraphFacts;
  /** dL/d output for each differentiated output: name of the output -> name of a tensor of the same shape. */
  readonly seeds: ReadonlyMap<string, string>;
  /** The tensors whose gradients are requested. Nothing upstream of all of them is differentiated. */
  readonly wrt: readonly string[];
  readonly rules?: RuleRegistry;
}

/**
 * Appends the backward pass and returns, for every tensor of `wrt` on which a seeded output depends, the name of its
 * gradient. A tensor that has no influence is absent from the result.
 *
 * Tensors are keyed by name. Walking the nodes in reverse topological order guarantees that all contributions to an
 * output's gradient are known when its node is reached; only two or more of them are added up.
 * @throws LensError of kind `model` for an operator between a seed and a `wrt` tensor that cannot be differentiated.
 */
export function appendGradients(request: GradientRequest): ReadonlyMap<string, string> {
  const { nodes, facts, seeds, wrt } = request;
  const rules = request.rules ?? standardRules;
  const ruleOf = (node: Node): Rule | undefined =>
    node.domain === '' || node.domain === 'ai.onnx' ? rules.lookup(node.opType, facts.opset) : undefined;
  const live = intersection(
    forwardReach(nodes, wrt, ruleOf, (tensor) => isFloating(facts, tensor)),
    backwardReach(nodes, seeds.keys(), ruleOf),
  );
  const emit = new Emitter(request.builder, facts.opset);
  const contributions = new Map<string, string[]>();
  for (const [output, seed] of seeds) contributions.set(output, [seed]);

  /** The sum of everything that flows back into a tensor; '' if nothing does. */
  const gradientOf = (tensor: string): string => {
    const parts = contributions.get(tensor) ?? [];
    const [first, second] = parts;
    if (first === undefined) return '';
    if (second === undefined) return first;
    const name = `grad/${tensor}`;
    const sum = parts.length === 2 ? emit.op('Add', parts, {}, name) : emit.op('Sum', parts, {}, name);
    contributions.set(tensor, [sum]);
    return sum;
  };

  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((output) => live.has(output))) continue;
    const rule = ruleOf(node);
    if (!readsAny(node, rule, live)) continue;
    if (rule === undefined) throw unsupported(node, facts.opset, rules);
    const gradients = node.outputs.map((output) => (live.has(output) ? gradientOf(output) : ''));
    if (gradients.every((gradient) => gradient === '')) continue;
    const context = createContext(node, rule, facts, emit, gradients, (input) => live.has(input));
    refuseWhatHasNoGradient(rule, context, gradients, live);
    if (isStop(rule)) continue;
    const found = rule.build(context);
    node.inputs.forEach((input, i) => {
      if (!context.needs(i)) return;
      const gradient = found[i];
      if (gradient === undefined) throw new Error(`The rule of ${rule.opType} forgets its input ${i}.`);
      const others = contributions.get(input);
      if (others === undefined) contributions.set(input, [gradient]);
      else others.push(gradient);
    });
  }
  return new Map(
    wrt.map((tensor) => [tensor, gradientOf(tensor)] as const).filter(([, gradient]) => gradient !== ''),
  );
}

/** A path without a formula is an error: leaving it out would be a zero that nobody requested. */
function refuseWhatHasNoGradient(
  rule: Rule,
  context: GradientContext,
  gradients: readonly string[],
  live: ReadonlySet<string>,
): void {
  context.node.inputs.forEach((input, i) => {
    const { kind, name, why } = inputPort(rule, i);
    if (kind === 'refused' && live.has(input))
      context.unsupported(`its input "${name}" depends on the image, ${why ?? 'which has no rule'}`);
  });
  gradients.forEach((gradient, i) => {
    const { kind, name, why } = outputPort(rule, i);
    if (kind === 'refused' && gradient !== '')
      context.unsupported(`its output "${name}" is used, ${why ?? 'which has no rule'}`);
  });
}

/** Unknown types are taken to be floating, so that the driver reaches the tensor and can say so. */
const isFloating = (facts: GraphFacts, tensor: string): boolean =>
  ['float32', 'float64', 'float16', 'bfloat16'].includes(facts.factsOf(tensor)?.type ?? 'float32');

function intersection(a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> {
  return new Set([...a].filter((name) => b.has(name)));
}

function unsupported(node: Node, opset: number, rules: RuleRegistry): NoGradient {
  const operator = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
  const older = rules.all().some((rule) => rule.opType === node.opType && node.domain === '');
  return new NoGradient(
    node,
    `Node "${node.name || node.outputs.join(', ')}"${whereOf(node)}: no gradient is known for the operator ${operator} (opset ${opset}).`,
    {
      fix: older
        ? 'Export the model with a newer opset (17 is a good choice).'
        : 'Export the model with standard ONNX operators.',
    },
  );
}
