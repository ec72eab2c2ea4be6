/** What a pass is: the nodes that it examines, and what replaces each, or why nothing does. */
import type { Emitter } from '../../autodiff/emitter';
import type { Node } from '../../onnx/model';
import type { GraphEditor } from './editor';

export interface GraphPass {
  readonly name: string;
  /** What it rewrites: the forward graph before it is differentiated, or the whole graph afterwards. */
  readonly stage: 'forward' | 'whole';
  /** The layout of channels that it is for: `plain` passes take gates out of the runtime's blocks, `blocked` ones keep them there. */
  readonly layout: 'any' | 'plain' | 'blocked';
  /** Operators of the nodes that it examines, in this order. */
  readonly operators: readonly string[];
  rewrite(node: Node, editor: GraphEditor): Verdict;
}

/** Emits a node's replacement; the returned tensor takes over the name of the node's output. */
export type Build = (emit: Emitter) => string;

export interface Replacement {
  readonly node: Node;
  readonly build: Build;
}

/** A clause about a node: "the kernel is smaller than 4". Without names or numbers of one node, so that reasons can be counted. */
type WhyNot = string;

export type Verdict = readonly Replacement[] | WhyNot;

export const replaced = (node: Node, build: Build): Verdict => [{ node, build }];

/** What one pass did to a graph. */
export interface PassReport {
  readonly name: string;
  /** Nodes that it examined. */
  readonly seen: number;
  /** Those on which it fired. */
  readonly fired: number;
  /** Why nodes were left unchanged, and how many for each reason, most first. */
  readonly left: readonly { readonly why: string; readonly nodes: number }[];
}

/** Applies the pass to each of its nodes, and queues replacements in the editor. */
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
