/** Gradients of operators that pick elements by constant positions: what was not picked receives zero. */
import { float32Tensor } from '../../onnx/builder';
import type { DifferentiableRule } from '../rule';
import { at } from '../window';

/** Largest selection matrix that Gather's gradient may store, in elements (64 MiB of float32). */
const MAX_SELECTION = 1 << 24;

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
  stops: [1, 2, 3, 4],
  build(ctx) {
    const { emit } = ctx;
    const shape = ctx.shapeOfInput(0);
    const starts = ctx.constantNumbers(1) ?? ctx.unsupported('its starts are missing');
    const axes = ctx.constantNumbers(3) ?? starts.map((_, i) => i);
    const steps = ctx.constantNumbers(4) ?? starts.map(() => 1);
    const current = [...ctx.shapeOfOutput(0)];
    let gradient = ctx.gradOfOutput(0);
    starts.forEach((given, i) => {
      const axis = at(axes, i) < 0 ? at(axes, i) + shape.length : at(axes, i);
      const size = at(shape, axis);
      const count = at(current, axis);
      const step = at(steps, i);
      // A negative start counts from the end; both ends are clamped to the axis (ONNX, Slice).
      const start = Math.min(Math.max(given < 0 ? given + size : given, 0), step < 0 ? size - 1 : size);
      const first = step > 0 ? start : start + (count - 1) * step;
      if (step < 0) gradient = emit.slice(gradient, [axis], [-1], [-size - 1], [-1]);
      const stride = Math.abs(step);
      if (stride > 1) {
        const spread = current.toSpliced(axis + 1, 0, 1);
        const padded = emit.pad(
          emit.reshape(gradient, spread),
          padAxis(spread.length, axis + 1, 0, stride - 1),
        );
        gradient = emit.reshape(padded, current.with(axis, count * stride));
      }
      const covered = count * stride;
      gradient = emit.pad(gradient, padAxis(shape.length, axis, first, size - first - covered));
      current[axis] = size;
    });
    return [gradient];
  },
};

/** Padding is cropped off again; what negative pads cropped comes back as zeros. Mirrored borders would add up instead. */
const pad: DifferentiableRule = {
  opType: 'Pad',
  since: 11,
  stops: [1, 2, 3],
  build(ctx) {
    const mode = ctx.string('mode', 'constant');
    if (mode !== 'constant') return ctx.unsupported(`its mode is "${mode}"`);
    const rank = ctx.shapeOfInput(0).length;
    const given = ctx.constantNumbers(1) ?? ctx.unsupported('its pads are missing');
    const axes = ctx.constantNumbers(3) ?? Array.from({ length: rank }, (_, axis) => axis);
    const pads = Array.from({ length: 2 * rank }, () => 0);
    axes.forEach((axis, i) => {
      const normal = axis < 0 ? axis + rank : axis;
      pads[normal] = 0 - at(given, i);
      pads[rank + normal] = 0 - at(given, axes.length + i);
    });
    return [ctx.emit.pad(ctx.gradOfOutput(0), pads)];
  },
};

/**
 * y = x[..., indices, ...] along `axis`. One index: pad. Several: a product with the 0/1 matrix S of shape (picked, size), which
 * also adds up what an index that occurs twice receives.
 */
const gather: DifferentiableRule = {
  opType: 'Gather',
  since: 1,
  stops: [1],
  build(ctx) {
    const { emit } = ctx;
    const shape = ctx.shapeOfInput(0);
    const rank = shape.length;
    const axis = ctx.int('axis', 0) < 0 ? ctx.int('axis', 0) + rank : ctx.int('axis', 0);
    const size = at(shape, axis);
    const indices = (ctx.constantNumbers(1) ?? []).map((i) => (i < 0 ? i + size : i));
    const flat = emit.reshape(ctx.gradOfOutput(0), shape.with(axis, indices.length));
    const [only] = indices;
    if (indices.length === 1 && only !== undefined)
      return [emit.pad(flat, padAxis(rank, axis, only, size - 1 - only))];
    if (indices.length * size > MAX_SELECTION) return ctx.unsupported('it picks too many elements');
    const selection = new Float32Array(indices.length * size);
    indices.forEach((index, row) => (selection[row * size + index] = 1));
    const constant = emit.builder.constant(
      'constant/selection',
      float32Tensor([indices.length, size], selection),
    );
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

export const indexingRules: readonly DifferentiableRule[] = [slice, pad, gather];
