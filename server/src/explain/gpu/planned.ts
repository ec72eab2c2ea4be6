/** Passes that replace several nodes at once: what is computed for all of them stands where the first of them was. */
import type { Node } from '../../onnx/model';
import type { GraphEditor } from '../passes/editor';
import type { Replacement, Verdict } from '../passes/pass';

/** The replacements of a group, by its first node in the order of the graph; none by the others. */
export type Plan = ReadonlyMap<Node, readonly Replacement[]>;

/**
 * The `rewrite` of a pass: with the first node of a group all of them are replaced.
 * @param why of nodes that are in no group
 */
export function planned(plan: (editor: GraphEditor) => Plan, why: string) {
  const plans = new WeakMap<GraphEditor, Plan>();
  return (node: Node, editor: GraphEditor): Verdict => {
    const found = plans.get(editor) ?? plan(editor);
    plans.set(editor, found);
    return found.get(node) ?? why;
  };
}

/** @param groups each in the order of the graph */
export function planOf<Member extends { readonly node: Node }>(
  groups: readonly (readonly Member[])[],
  replace: (group: readonly Member[]) => readonly Replacement[],
): Plan {
  const plan = new Map<Node, readonly Replacement[]>();
  for (const group of groups) {
    const replacements = replace(group);
    group.forEach(({ node }, i) => plan.set(node, i === 0 ? replacements : []));
  }
  return plan;
}
