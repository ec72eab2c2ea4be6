/** What a pass is: the nodes it looks at, and what takes the place of each, or why nothing does. */
import type { Emitter } from '../../autodiff/emitter';
import type { Node } from '../../onnx/model';
import type { GraphEditor } from './editor';

export interface GraphPass {
  readonly name: string;
  /** What it rewrites: the forward graph before it is differentiated, or all of the graph afterwards. */
  readonly stage: 'forward' | 'whole';
  /** For which layout of channels: `plain` passes take gates out of the runtime's blocks, `blocked` ones keep them there. */
  readonly layout: 'any' | 'plain' | 'blocked';
  /** Operators of the nodes that it looks at, in this order. */
  readonly operators: readonly string[];
  rewrite(node: Node, editor: GraphEditor): Verdict;
}

/** Emits what takes a node's place; the tensor it returns takes over the name of the node's output. */
export type Build = (emit: Emitter) => string;

export interface Replacement {
  readonly node: Node;
  readonly build: Build;
}

/** Said of a node: "the kernel is smaller than 4". Without names or numbers of this one node, so that reasons can be counted. */
type WhyNot = string;

export type Verdict = readonly Replacement[] | WhyNot;

export const replaced = (node: Node, build: Build): Verdict => [{ node, build }];

/** What one pass did to a graph. */
export interface PassReport {
  readonly name: string;
  /** Nodes that it looked at. */
  readonly seen: number;
  /** Those on which it fired. */
  readonly fired: number;
  /** Why nodes were left as they were, and how many of them for each reason, most first. */
  readonly left: readonly { readonly why: string; readonly nodes: number }[];
}

/** Asks the pass about each of its nodes, and tells the editor what to replace. */
export function runPass(pass: GraphPass, editor: GraphEditor): PassReport {
  const left = new Map<string, number>();
  const nodes = pass.operators.flatMap((operator) => editor.nodes(operator));
  let fired = 0;
  for (const node of nodes) {
    const verdict = pass.rewrite(node, editor);
    if (typeof verdict === 'string') {
      left.set(verdict, (left.get(verdict) ?? 0) + 1);
      continue;
    }
    for (const { node: old, build } of verdict) editor.replace(old, build);
    fired++;
  }
  const reasons = [...left].map(([why, number]) => ({ why, nodes: number }));
  return { name: pass.name, seen: nodes.length, fired, left: reasons.sort((a, b) => b.nodes - a.nodes) };
}
