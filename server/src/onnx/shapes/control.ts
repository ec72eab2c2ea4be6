/** If and Loop: shapes that follow from their bodies. */
import { attribute } from '../attributes';
import type { Graph } from '../model';
import type { NodeView, ShapeRule, TensorInfo } from './shape-rule';

function bodyOf(view: NodeView, name: string): Graph {
  return attribute(view.node, name, 'graph') ?? view.invalid(`a graph in attribute "${name}"`, 'none');
}

const sameForm = (a: TensorInfo, b: TensorInfo | undefined): boolean =>
  b?.type === a.type && b.dims.length === a.dims.length && b.dims.every((size, i) => size === a.dims[i]);

/** Drops the value, which a single pass over a body does not determine. */
const formOf = ({ type, dims }: TensorInfo): TensorInfo => ({ type, dims });

/** The results of the branch that is taken, or, where the data decides, shapes that both branches share. */
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

/** Loop-carried values, if an iteration leaves type and shape unchanged; scan outputs stay unknown. */
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
      return view.unknown('an iteration changes the shape of what it was given');
    return carried;
  },
};

export const controlRules: readonly ShapeRule[] = [branch, loop];
