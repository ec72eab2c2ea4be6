/** Pad that wraps around more than once, and CenterCropPad, written with gathers, slices and pads. */
import { borderSource } from '../../autodiff/rules/borders';
import type { Lowering } from '../lowering';
import { fromFront, range } from '../lowering';

/** onnxruntime 1.30 reads beyond the tensor where a border is longer than what it repeats. */
const farWrap: Lowering = {
  opType: 'Pad',
  lower(ctx) {
    if (ctx.string('mode', 'constant') !== 'wrap') return null;
    const dims = ctx.dims(0);
    const axes = (ctx.numbers(3) ?? range(dims.length)).map((axis) => fromFront(axis, dims.length));
    const pads = ctx.numbers(1) ?? ctx.refuse('its pads are missing');
    const around = axes.map((axis, i) => {
      const [before, after] = [pads[i] ?? 0, pads[axes.length + i] ?? 0];
      const size = dims[axis] ?? 0;
      const length = size - Math.max(-before, 0) - Math.max(-after, 0);
      return { axis, size, length, pads: [before, after] as const, count: size + before + after };
    });
    if (around.every(({ length, pads: own }) => Math.max(...own) <= length)) return null;
    if (around.some(({ length }) => length < 1)) return ctx.refuse('it crops all there is to repeat');
    return [
      around.reduce((x, { axis, size, pads: own, count }) => {
        const sources = range(count).map((o) => borderSource('wrap', o, size, own));
        return ctx.emit.op('Gather', [x, ctx.emit.ints(sources)], { axis });
      }, ctx.input(0)),
    ];
  },
};

/** Axes that are too long are cropped and those too short padded, on both sides; an odd element goes to the end. */
const centerCropPad: Lowering = {
  opType: 'CenterCropPad',
  lower(ctx) {
    const dims = ctx.dims(0);
    const shape = ctx.numbers(1) ?? ctx.refuse('its shape is missing');
    const axes = (ctx.ints('axes') ?? range(dims.length)).map((axis) => fromFront(axis, dims.length));
    const amounts = dims.map((size, axis) => {
      const i = axes.indexOf(axis);
      const more = i < 0 ? 0 : (shape[i] ?? size) - size;
      const before = more < 0 ? -Math.floor(-more / 2) : Math.floor(more / 2);
      return [before, more - before] as const;
    });
    return [ctx.emit.pad(ctx.input(0), [...amounts.map(([b]) => b), ...amounts.map(([, a]) => a)])];
  },
};

export const borderLowerings: readonly Lowering[] = [farWrap, centerCropPad];
