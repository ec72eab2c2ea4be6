/** Gradients of operators that pick elements by constant positions: what was not picked receives zero. */
import { float32Tensor } from '../../onnx/builder';
import { refuseTable } from '../limits';
import { discrete, flat, gradient } from '../ports';
import type { DifferentiableRule, GradientContext } from '../rule';
import { at } from '../window';
import { borderGradient, borderModes } from './borders';

/** Pad amounts that are non-zero on one axis only. */
function padAxis(rank: number, axis: number, before: number, after: number): number[] {
  const pads = Array.from({ length: 2 * rank }, () => 0);
  pads[axis] = before;
  pads[rank + axis] = after;
  return pads;
}

/**
 * x[start:end:step] along each axis. Backwards: reverse where the step is negative, put step - 1 zeros after every element, and
 * pad to the input's size.
 */
const slice: DifferentiableRule = {
  opType: 'Slice',
  since: 10,
  inputs: [gradient('data'), ...['starts', 'ends', 'axes', 'steps'].map(discrete)],
  build(ctx) {
    const { emit } = ctx;
    const shape = ctx.shapeOfInput(0);
    const starts = ctx.constantNumbers(1) ?? ctx.unsupported('its starts are missing');
    const axes = ctx.constantNumbers(3) ?? starts.map((_, i) => i);
    const steps = ctx.constantNumbers(4) ?? starts.map(() => 1);
    const current = [...ctx.shapeOfOutput(0)];
    if (current.includes(0)) return [emit.expand(emit.scalar(0, ctx.typeOfInput(0)), shape)];
    let dy = ctx.gradOfOutput(0);
    starts.forEach((given, i) => {
      const axis = at(axes, i) < 0 ? at(axes, i) + shape.length : at(axes, i);
      const size = at(shape, axis);
      const count = at(current, axis);
      const step = at(steps, i);
      // A negative start counts from the end; both ends are clamped to the axis (ONNX, Slice).
      const start = Math.min(Math.max(given < 0 ? given + size : given, 0), step < 0 ? size - 1 : size);
      const first = step > 0 ? start : start + (count - 1) * step;
      if (step < 0) dy = emit.slice(dy, [axis], [-1], [-size - 1], [-1]);
      const stride = Math.abs(step);
      if (stride > 1) {
        const spread = current.toSpliced(axis + 1, 0, 1);
        const padded = emit.pad(emit.reshape(dy, spread), padAxis(spread.length, axis + 1, 0, stride - 1));
        dy = emit.reshape(padded, current.with(axis, count * stride));
      }
      const covered = count * stride;
      dy = emit.pad(dy, padAxis(shape.length, axis, first, size - first - covered));
      current[axis] = size;
    });
    return [dy];
  },
};

/** The pads of all axes, begins first: given for some axes since opset 18. */
function padsOf(ctx: GradientContext): readonly number[] {
  const rank = ctx.shapeOfInput(0).length;
  const given = ctx.constantNumbers(1) ?? ctx.unsupported('its pads are missing');
  const axes = ctx.constantNumbers(3) ?? Array.from({ length: rank }, (_, axis) => axis);
  const pads = Array.from({ length: 2 * rank }, () => 0);
  axes.forEach((axis, i) => {
    const normal = axis < 0 ? axis + rank : axis;
    pads[normal] = at(given, i);
    pads[rank + normal] = at(given, axes.length + i);
  });
  return pads;
}

/**
 * Padding is cropped off again; what negative pads cropped comes back as zeros. The value receives the sum over the padding.
 * Borders of other modes add up where they came from.
 */
const pad: DifferentiableRule = {
  opType: 'Pad',
  since: 11,
  inputs: [gradient('data'), discrete('pads'), gradient('constant_value'), discrete('axes')],
  build(ctx) {
    const mode = ctx.string('mode', 'constant');
    const isBorder = borderModes.has(mode);
    if (mode !== 'constant' && !isBorder) return ctx.unsupported(`its mode is "${mode}"`);
    const { emit } = ctx;
    const pads = padsOf(ctx);
    if (isBorder) {
      const zero = (): string => emit.expand(emit.scalar(0, ctx.typeOfInput(0)), ctx.shapeOfInput(2));
      return [
        ctx.needs(0) ? borderGradient(ctx, pads, mode) : undefined,
        undefined,
        ctx.needs(2) ? zero() : undefined,
      ];
    }
    const dy = ctx.gradOfOutput(0);
    const dx = (): string =>
      emit.pad(
        dy,
        pads.map((amount) => 0 - amount),
      );
    const dValue = (): string => {
      const [zero, one] = [0, 1].map((value) => emit.scalar(value, ctx.typeOfInput(0))) as [string, string];
      const inside = emit.pad(emit.expand(one, ctx.shapeOfInput(0)), pads);
      const outside = emit.op('Where', [emit.op('Equal', [inside, zero]), dy, zero]);
      const axes = ctx.shapeOfOutput(0).map((_, axis) => axis);
      return emit.reshape(emit.reduce('ReduceSum', outside, axes), ctx.shapeOfInput(2));
    };
    return [ctx.needs(0) ? dx() : undefined, undefined, ctx.needs(2) ? dValue() : undefined];
  },
};

/**
 * y = x[..., indices, ...] along `axis`. One index: pad. Several: a product with the 0/1 matrix S of shape (picked, size), which
 * also adds up what an index that occurs twice receives.
 */
const gather: DifferentiableRule = {
  opType: 'Gather',
  since: 1,
  inputs: [gradient('data'), discrete('indices')],
  build(ctx) {
    const { emit } = ctx;
    const shape = ctx.shapeOfInput(0);
    const rank = shape.length;
    const axis = ctx.int('axis', 0) < 0 ? ctx.int('axis', 0) + rank : ctx.int('axis', 0);
    const size = at(shape, axis);
    const indices = (ctx.constantNumbers(1) ?? []).map((i) => (i < 0 ? i + size : i));
    const flat = emit.reshape(ctx.gradOfOutput(0), shape.with(axis, indices.length));
    const [only] = indices;
    if (only === undefined) return [emit.expand(emit.scalar(0, ctx.typeOfInput(0)), shape)];
    if (indices.length === 1) return [emit.pad(flat, padAxis(rank, axis, only, size - 1 - only))];
    refuseTable(ctx, `its choice of ${indices.length} out of ${size}`, indices.length * size);
    const selection = new Float32Array(indices.length * size);
    indices.forEach((index, row) => (selection[row * size + index] = 1));
    const constant = emit.constant('constant/selection', float32Tensor([indices.length, size], selection));
    const type = ctx.typeOfInput(0);
    const matrix = type === 'float32' ? constant : emit.cast(constant, type);
    const last = swapWithLast(rank, axis);
    const moved = axis === rank - 1 ? flat : emit.transpose(flat, last);
    const scattered = emit.op('MatMul', [moved, matrix]);
    return [axis === rank - 1 ? scattered : emit.transpose(scattered, last)];
  },
};

/** The transposition that exchanges `axis` and the last axis; it is its own inverse. */
function swapWithLast(rank: number, axis: number): readonly number[] {
  const perm = Array.from({ length: rank }, (_, i) => i);
  [perm[axis], perm[rank - 1]] = [rank - 1, axis];
  return perm;
}

/**
 * y is `values[1]` at the indexed positions and `values[0]` elsewhere: each receives the sum of dy over its positions. Indices
 * and depth may be floating in type, but count as integers.
 */
const oneHot: DifferentiableRule = {
  opType: 'OneHot',
  since: 9,
  inputs: [
    flat('indices', 'they are rounded to integers'),
    flat('depth', 'it is rounded to an integer'),
    gradient('values'),
  ],
  build(ctx) {
    const { emit } = ctx;
    const type = ctx.typeOfInput(2);
    const bits = emit.concat(
      [0, 1].map((bit) => emit.reshape(emit.scalar(bit, type), [1])),
      0,
    );
    const hot = emit.op('OneHot', [ctx.input(0), ctx.input(1), bits], { axis: ctx.int('axis', -1) });
    const dy = ctx.gradOfOutput(0);
    const axes = ctx.shapeOfOutput(0).map((_, axis) => axis);
    const total = (x: string): string => emit.reshape(emit.reduce('ReduceSum', x, axes), [1]);
    const on = emit.mul(dy, hot);
    const off = emit.mul(dy, emit.sub(emit.scalar(1, type), hot));
    return [undefined, undefined, emit.concat([total(off), total(on)], 0)];
  },
};

export const indexingRules: readonly DifferentiableRule[] = [slice, pad, gather, oneHot];
