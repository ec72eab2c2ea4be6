/** If with a condition that follows from the shapes: what is known is what the branch taken gives. */
import type { ShapeRule } from './shape-rule';

const branch: ShapeRule = {
  opType: 'If',
  infer: (view) => {
    const condition = view.input(0).value?.[0];
    if (condition === undefined) return view.unknown('its condition depends on the data');
    const name = condition === 0 ? 'else_branch' : 'then_branch';
    const taken = view.node.attributes.get(name);
    if (taken?.kind !== 'graph') return view.invalid(`a graph in attribute "${name}"`, taken?.kind ?? 'none');
    return view.nested(taken.value);
  },
};

export const controlRules: readonly ShapeRule[] = [branch];
