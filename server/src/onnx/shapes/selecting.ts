/** Elements picked by position: Slice, Gather, GatherElements, GatherND, OneHot, NonZero. */
import { at, product, resolveAxes, resolveAxis, show, withDim } from './axes';
import type { NodeView, ShapeRule, TensorInfo } from './shape-rule';
import { computed, indices, isSmall, stridesOf } from './value';

interface Range {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/**
 * INT32_MAX and INT64_MAX (as the nearest double) mean an open end, in either direction: onnxruntime reads
 * them so where the specification would clamp them to the last element.
 */
const OPEN_ENDS: readonly number[] = [2 ** 31 - 1, 2 ** 63];

/** Bounds were attributes before opset 10; negative ones count from the end, and all are clamped to the axis. */
function sliceRanges(view: NodeView, dims: readonly number[]): Range[] {
  const starts = view.ints('starts') ?? view.integers(1);
  const ends = view.ints('ends') ?? view.integers(2);
  const axes = view.ints('axes') ?? view.optionalIntegers(3) ?? starts.map((_, axis) => axis);
  const steps = view.optionalIntegers(4) ?? starts.map(() => 1);
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length) {
    view.invalid(
      'as many ends, axes and steps as starts',
      `${show(starts)}, ${show(ends)}, ${show(axes)}, ${show(steps)}`,
    );
  }
  resolveAxes(view, axes, dims.length);
  return starts.map((first, i) => {
    const axis = resolveAxis(view, at(axes, i), dims.length);
    const step = at(steps, i);
    if (step === 0) view.invalid('a step other than 0', '0');
    const dim = at(dims, axis);
    const absolute = (bound: number): number => (bound < 0 ? bound + dim : bound);
    const clamp = (bound: number, low: number, high: number): number => Math.min(Math.max(bound, low), high);
    const start = step > 0 ? clamp(absolute(first), 0, dim) : clamp(absolute(first), 0, dim - 1);
    const last = at(ends, i);
    const end =
      step > 0
        ? clamp(absolute(last), 0, dim)
        : OPEN_ENDS.includes(last)
          ? -1
          : clamp(absolute(last), -1, dim - 1);
    return { axis, start, step, count: Math.max(Math.ceil((end - start) / step), 0) };
  });
}

const slice: ShapeRule = {
  opType: 'Slice',
  infer: (view) => {
    const { type, dims, value } = view.input(0);
    const ranges = sliceRanges(view, dims);
    const sliced = ranges.reduce(
      (left: readonly number[], { axis, count }) => withDim(left, axis, count),
      dims,
    );
    const strides = stridesOf(dims);
    const from = (index: readonly number[]): number =>
      index.reduce((sum, position, axis) => {
        const range = ranges.find((r) => r.axis === axis);
        return (
          sum + at(strides, axis) * (range === undefined ? position : range.start + position * range.step)
        );
      }, 0);
    return [computed(type, sliced, value && [...indices(sliced)].map((index) => at(value, from(index))))];
  },
};

/** The axis is replaced by the shape of the indices. */
const gather: ShapeRule = {
  opType: 'Gather',
  infer: (view) => {
    const data = view.input(0);
    const picks = view.input(1);
    const axis = resolveAxis(view, view.int('axis', 0), data.dims.length);
    const dims = [...data.dims.slice(0, axis), ...picks.dims, ...data.dims.slice(axis + 1)];
    return [computed(data.type, dims, isSmall(dims) ? gathered(view, data, picks, axis) : undefined)];
  },
};

function gathered(view: NodeView, data: TensorInfo, picks: TensorInfo, axis: number): number[] | undefined {
  const { value } = data;
  if (value === undefined || picks.value === undefined) return undefined;
  const size = at(data.dims, axis);
  const inner = product(data.dims.slice(axis + 1));
  const outer = product(data.dims.slice(0, axis));
  const positions = picks.value.map((pick) => {
    const position = pick < 0 ? pick + size : pick;
    if (!(position >= 0 && position < size))
      view.invalid(`an index of an axis of size ${size}`, String(pick));
    return position;
  });
  return Array.from({ length: outer }, (_, o) => o * size).flatMap((base) =>
    positions.flatMap((position) => value.slice((base + position) * inner, (base + position + 1) * inner)),
  );
}

const gatherElements: ShapeRule = {
  opType: 'GatherElements',
  infer: (view) => [{ type: view.input(0).type, dims: view.input(1).dims }],
};

/** Indices (..., k) pick from the k axes after the batch axes. */
const gatherND: ShapeRule = {
  opType: 'GatherND',
  infer: (view) => {
    const { type, dims } = view.input(0);
    const picks = view.input(1).dims;
    const depth = picks.at(-1) ?? view.invalid('indices with dimensions', show(picks));
    return [{ type, dims: [...picks.slice(0, -1), ...dims.slice(view.int('batch_dims', 0) + depth)] }];
  },
};

const oneHot: ShapeRule = {
  opType: 'OneHot',
  infer: (view) => {
    const { dims } = view.input(0);
    const depth = at(view.numbers(1), 0);
    const axis = resolveAxis(view, view.int('axis', -1), dims.length + 1);
    return [{ type: view.input(2).type, dims: dims.toSpliced(axis, 0, depth) }];
  },
};

/** Their number is known only if the data is: (rank, count) positions, axis by axis. */
const nonZero: ShapeRule = {
  opType: 'NonZero',
  infer: (view) => {
    const { dims } = view.input(0);
    const value = view.numbers(0);
    const found = [...indices(dims)].filter((_, flat) => value[flat] !== 0);
    const positions = dims.flatMap((_, axis) => found.map((index) => at(index, axis)));
    return [computed('int64', [dims.length, found.length], positions)];
  },
};

export const selectingRules: readonly ShapeRule[] = [
  slice,
  gather,
  gatherElements,
  gatherND,
  oneHot,
  nonZero,
];
