/** If and Loop: what follows from their bodies. */
import { attribute } from '../attributes';
import type { Graph } from '../model';
import type { NodeView, ShapeRule, TensorInfo } from './shape-rule';

function bodyOf(view: NodeView, name: string): Graph {
  return attribute(view.node, name, 'graph') ?? view.invalid(`a graph in attribute "${name}"`, 'none');
}

const sameForm = (a: TensorInfo, b: TensorInfo | undefined): boolean =>
  b?.type === a.type && b.dims.length === a.dims.length && b.dims.every((size, i) => size === a.dims[i]);

/** Without a value, which a single run of a body does not say. */
const formOf = ({ type, dims }: TensorInfo): TensorInfo => ({ type, dims });

/** What the branch gives that is taken, or, where the data decides, what both give alike. */
const branch: ShapeRule = {
  opType: 'If',
  infer: (view) => {
    const condition = view.input(0).value?.[0];
    if (condition !== undefined)
      return view.nested(bodyOf(view, condition === 0 ? 'else_branch' : 'then_branch'));
    const [one, other] = ['then_branch', 'else_branch'].map((name) => view.nested(bodyOf(view, name)));
    if (!one?.every((info, i) => sameForm(info, other?.[i])))
      return view.unknown('its condition depends on the data, and its branches give different shapes');
    return one.map(formOf);
  },
};

/** Values carried from turn to turn, as long as a turn leaves their form as it is; what is collected of all turns stays unknown. */
const loop: ShapeRule = {
  opType: 'Loop',
  infer: (view) => {
    const body = bodyOf(view, 'body');
    const carried = Array.from({ length: Math.max(0, view.inputCount() - 2) }, (_, i) =>
      formOf(view.input(i + 2)),
    );
    const counter: TensorInfo = { type: 'int64', dims: [] };
    const condition: TensorInfo = { type: 'bool', dims: [] };
    const [, ...after] = view.nested(body, [counter, condition, ...carried]);
    if (!carried.every((info, i) => sameForm(info, after[i])))
      return view.unknown('what a turn of it makes has another shape than what it was given');
    return carried;
  },
};

export const controlRules: readonly ShapeRule[] = [branch, loop];
