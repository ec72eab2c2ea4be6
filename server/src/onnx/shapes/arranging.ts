/** Elements moved, joined and repeated: Transpose, Concat, Split, Pad, Tile, DepthToSpace, SpaceToDepth. */
import { at, product, resolveAxis, show, withDim } from './axes';
import type { NodeView, ShapeRule, TensorInfo } from './shape-rule';
import { computed, indices, isSmall, stridesOf } from './value';

const transpose: ShapeRule = {
  opType: 'Transpose',
  infer: (view) => {
    const { type, dims, value } = view.input(0);
    const perm = view.ints('perm') ?? dims.map((_, axis) => dims.length - 1 - axis);
    if (perm.length !== dims.length || new Set(perm).size !== perm.length) {
      view.invalid(`a permutation of ${dims.length} axes`, show(perm));
    }
    const axes = perm.map((axis) => resolveAxis(view, axis, dims.length));
    const strides = stridesOf(dims);
    const moved = axes.map((axis) => at(dims, axis));
    const from = (index: readonly number[]): number =>
      index.reduce((sum, position, i) => sum + position * at(strides, at(axes, i)), 0);
    return [computed(type, moved, value && [...indices(moved)].map((index) => at(value, from(index))))];
  },
};

const concat: ShapeRule = {
  opType: 'Concat',
  infer: (view) => {
    const inputs = view.inputs();
    const { type, dims } = view.input(0);
    const axis = resolveAxis(view, view.int('axis', 1), dims.length);
    for (const other of inputs) {
      const same =
        other.dims.length === dims.length && other.dims.every((dim, i) => i === axis || dim === dims[i]);
      if (!same)
        view.invalid(
          `shapes that differ only along axis ${axis}`,
          inputs.map((i) => show(i.dims)).join(', '),
        );
    }
    const joined = withDim(
      dims,
      axis,
      inputs.reduce((sum, input) => sum + at(input.dims, axis), 0),
    );
    return [computed(type, joined, isSmall(joined) ? joinedValue(inputs, axis) : undefined)];
  },
};

/** Outside the axis, the runs of each input follow each other. */
function joinedValue(inputs: readonly TensorInfo[], axis: number): readonly number[] | undefined {
  const runs = inputs.map(({ dims, value }) => ({ value, length: product(dims.slice(axis)) }));
  if (runs.some((run) => run.value === undefined)) return undefined;
  const outer = product(inputs[0]?.dims.slice(0, axis) ?? []);
  return Array.from({ length: outer }, (_, i) => i).flatMap((i) =>
    runs.flatMap(({ value, length }) => (value ?? []).slice(i * length, (i + 1) * length)),
  );
}

const split: ShapeRule = {
  opType: 'Split',
  infer: (view) => {
    const { type, dims, value } = view.input(0);
    const axis = resolveAxis(view, view.int('axis', 0), dims.length);
    const sizes = splitSizes(view, at(dims, axis));
    let start = 0;
    return sizes.map((size) => {
      const from = start;
      start += size;
      // Only the values of lists are split, which is all that shape computations need.
      const part = dims.length === 1 ? value?.slice(from, from + size) : undefined;
      return computed(type, withDim(dims, axis, size), part);
    });
  },
};

/** Sizes are an attribute before opset 13 and an input since; without them parts are equal, the last one smaller. */
function splitSizes(view: NodeView, whole: number): readonly number[] {
  const count = view.node.outputs.length;
  const given = view.ints('split') ?? view.optionalIntegers(1);
  const parts = view.int('num_outputs', count);
  if (parts !== count) view.invalid(`num_outputs to be ${count}, the number of its outputs`, `${parts}`);
  const each = Math.ceil(whole / parts);
  const sizes = given ?? Array.from({ length: parts }, (_, i) => Math.min(each, whole - i * each));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== whole || sizes.some((size) => size < 0))
    view.invalid(`parts that make up ${whole}`, show(sizes));
  if (sizes.length !== count) view.invalid(`${count} parts, one for each output`, show(sizes));
  return sizes;
}

const pad: ShapeRule = {
  opType: 'Pad',
  infer: (view) => {
    const { type, dims } = view.input(0);
    const pads = view.ints('pads') ?? view.integers(1);
    const axes =
      view.optionalIntegers(3)?.map((axis) => resolveAxis(view, axis, dims.length)) ??
      dims.map((_, axis) => axis);
    if (pads.length !== 2 * axes.length) view.invalid(`${2 * axes.length} pads`, show(pads));
    const padded = [...dims];
    const mirrors = view.string('mode', 'constant') === 'reflect';
    axes.forEach((axis, i) => {
      const most = Math.max(at(pads, i), at(pads, i + axes.length));
      if (mirrors && most > 0 && most >= at(dims, axis))
        view.invalid(`pads below the ${at(dims, axis)} elements of axis ${axis} to mirror`, `${most}`);
      padded[axis] = at(dims, axis) + at(pads, i) + at(pads, i + axes.length);
    });
    if (padded.some((dim) => dim < 0)) view.invalid(`pads that leave something of ${show(dims)}`, show(pads));
    return [{ type, dims: padded }];
  },
};

const tile: ShapeRule = {
  opType: 'Tile',
  infer: (view) => {
    const { type, dims, value } = view.input(0);
    const repeats = view.integers(1);
    if (repeats.length !== dims.length) view.invalid(`${dims.length} repeats`, show(repeats));
    const tiled = dims.map((dim, axis) => dim * at(repeats, axis));
    const strides = stridesOf(dims);
    const from = (index: readonly number[]): number =>
      index.reduce((sum, position, axis) => sum + (position % at(dims, axis)) * at(strides, axis), 0);
    const small = isSmall(tiled);
    return [
      computed(
        type,
        tiled,
        small && value ? [...indices(tiled)].map((index) => at(value, from(index))) : undefined,
      ),
    ];
  },
};

/** (N, C, H, W) to (N, C / b^2, H b, W b) and back. */
const blocks = (opType: string, towardsSpace: boolean): ShapeRule => ({
  opType,
  infer: (view) => {
    const { type, dims } = view.input(0);
    const block = view.int('blocksize', 0);
    if (dims.length !== 4 || block < 1)
      view.invalid('data (N, C, H, W) and a blocksize', `${show(dims)} and ${block}`);
    const [n, c, h, w] = dims as [number, number, number, number];
    const moved = towardsSpace
      ? [n, c / block ** 2, h * block, w * block]
      : [n, c * block ** 2, h / block, w / block];
    if (!moved.every(Number.isInteger))
      view.invalid(`dimensions that a blocksize of ${block} divides`, show(dims));
    return [{ type, dims: moved }];
  },
});

export const arrangingRules: readonly ShapeRule[] = [
  transpose,
  concat,
  split,
  pad,
  tile,
  blocks('DepthToSpace', true),
  blocks('SpaceToDepth', false),
];
