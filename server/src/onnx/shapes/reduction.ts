/** Reductions over axes: Reduce*, ArgMax, ArgMin, and TopK along one. */
import { at, product, resolveAxes, resolveAxis, withDim } from './axes';
import type { NodeView, ShapeRule, TensorInfo } from './shape-rule';
import { rulesFor } from './shape-rule';
import { computed } from './value';

/** Axes became an input in opset 13 for ReduceSum and in opset 18 for the others; without axes all are reduced, or none with `noop_with_empty_axes`. */
function reducedAxes(view: NodeView, rank: number): number[] {
  const axes = view.ints('axes') ?? view.optionalIntegers(1) ?? [];
  if (axes.length > 0) return resolveAxes(view, axes, rank);
  return view.int('noop_with_empty_axes', 0) === 0 ? Array.from({ length: rank }, (_, axis) => axis) : [];
}

/** Whole-tensor reductions that shape computations use. */
const evaluated: Readonly<Record<string, (value: readonly number[]) => number>> = {
  ReduceSum: (value) => value.reduce((sum, x) => sum + x, 0),
  ReduceProd: product,
  ReduceMax: (value) => Math.max(...value),
  ReduceMin: (value) => Math.min(...value),
};

function reduced(view: NodeView): TensorInfo {
  const { type, dims, value } = view.input(0);
  const axes = reducedAxes(view, dims.length);
  const keep = view.int('keepdims', 1) !== 0;
  const left = dims.flatMap((dim, axis) => (!axes.includes(axis) ? [dim] : keep ? [1] : []));
  const evaluate = evaluated[view.node.opType];
  const whole = axes.length === dims.length && type !== 'float32';
  return computed(type, left, evaluate && whole && value && value.length > 0 ? [evaluate(value)] : undefined);
}

function arg(view: NodeView): TensorInfo {
  const { dims } = view.input(0);
  const axis = resolveAxis(view, view.int('axis', 0), dims.length);
  const keep = view.int('keepdims', 1) !== 0;
  return { type: 'int64', dims: keep ? withDim(dims, axis, 1) : dims.toSpliced(axis, 1) };
}

const topK: ShapeRule = {
  opType: 'TopK',
  infer: (view) => {
    const { type, dims } = view.input(0);
    const axis = resolveAxis(view, view.int('axis', -1), dims.length);
    const k = view.opset >= 10 ? at(view.integers(1), 0) : view.int('k', 0);
    const left = withDim(dims, axis, k);
    return [
      { type, dims: left },
      { type: 'int64', dims: left },
    ];
  },
};

const names = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'];

export const reductionRules: readonly ShapeRule[] = [
  ...rulesFor(
    names.map((name) => `Reduce${name}`),
    (view) => [reduced(view)],
  ),
  ...rulesFor(['ArgMax', 'ArgMin'], (view) => [arg(view)]),
  topK,
];
