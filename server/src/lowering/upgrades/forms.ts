/** Operators of older operator sets whose attributes have become inputs (ONNX, Changelog.md), and those that were renamed. */
import { dataTypes } from '../../onnx/model';
import type { Lowering, LoweringContext } from '../lowering';
import { range } from '../lowering';

/** Bounds that are left out stay out. */
const clip: Lowering = {
  opType: 'Clip',
  below: 11,
  lower(ctx) {
    const { emit } = ctx;
    const bound = (name: string): string =>
      ctx.node.attributes.has(name) ? emit.scalar(ctx.float(name, 0), ctx.type(0)) : '';
    return [emit.op('Clip', [ctx.input(0), bound('min'), bound('max')])];
  },
};

const pad: Lowering = {
  opType: 'Pad',
  below: 11,
  lower(ctx) {
    const { emit } = ctx;
    const pads = ctx.ints('pads') ?? ctx.refuse('its pads are missing');
    const value = emit.scalar(ctx.float('value', 0), ctx.type(0));
    return [emit.op('Pad', [ctx.input(0), emit.ints(pads), value], { mode: ctx.string('mode', 'constant') })];
  },
};

const slice: Lowering = {
  opType: 'Slice',
  below: 10,
  lower(ctx) {
    const starts = ctx.ints('starts') ?? ctx.refuse('its starts are missing');
    const ends = ctx.ints('ends') ?? ctx.refuse('its ends are missing');
    return [ctx.emit.slice(ctx.input(0), ctx.ints('axes') ?? range(starts.length), starts, ends)];
  },
};

/** `axes` as the second input, or none at all. */
const axesAsInput = (opType: string): Lowering => ({
  opType,
  below: 13,
  lower(ctx) {
    const axes = ctx.ints('axes');
    const inputs = axes === undefined ? [ctx.input(0)] : [ctx.input(0), ctx.emit.ints(axes)];
    const keepdims = ctx.node.attributes.has('keepdims') ? { keepdims: ctx.int('keepdims', 1) } : {};
    return [ctx.emit.op(opType, inputs, keepdims)];
  },
});

const split: Lowering = {
  opType: 'Split',
  below: 13,
  lower(ctx) {
    const { emit } = ctx;
    const sizes = ctx.ints('split');
    const inputs = sizes === undefined ? [ctx.input(0)] : [ctx.input(0), emit.ints(sizes)];
    return emit.ops('Split', inputs, { axis: ctx.int('axis', 0) }, ctx.node.outputs.length);
  },
};

const topK: Lowering = {
  opType: 'TopK',
  below: 10,
  lower(ctx) {
    const k = ctx.emit.ints([ctx.int('k', 0)]);
    return ctx.emit.ops('TopK', [ctx.input(0), k], { axis: ctx.int('axis', -1) }, 2);
  },
};

/** In inference it passes its input through; onnxruntime's mask is then zero. */
const dropout: Lowering = {
  opType: 'Dropout',
  below: 12,
  lower(ctx) {
    const { emit } = ctx;
    const y = emit.op('Identity', [ctx.input(0)]);
    if (!ctx.wants(1)) return [y];
    const none = emit.expand(emit.scalar(0, 'float32'), ctx.dims(0));
    const type = ctx.opset < 10 ? ctx.type(0) : 'bool';
    return [y, emit.op('Cast', [none], { to: dataTypes[type] })];
  },
};

/** `spatial` 0 has parameters for each element of a sample: (x - mean) / sqrt(var + epsilon) * scale + B. */
const batchNormalization: Lowering = {
  opType: 'BatchNormalization',
  below: 14,
  lower(ctx) {
    const { emit } = ctx;
    if ([1, 2, 3, 4].some(ctx.wants)) return ctx.refuse('it is in its training form');
    const [x, scale, bias, mean, variance] = range(5).map(ctx.input) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const epsilon = ctx.float('epsilon', 1e-5);
    if (ctx.opset < 9 && ctx.int('spatial', 1) === 0) {
      const deviation = emit.op('Sqrt', [emit.add(variance, emit.scalar(epsilon, ctx.type(4)))]);
      return [emit.add(emit.mul(emit.div(emit.sub(x, mean), deviation), scale), bias)];
    }
    const attributes = { epsilon: { kind: 'float', value: epsilon } } as const;
    return [emit.op('BatchNormalization', [x, scale, bias, mean, variance], attributes)];
  },
};

const scatter: Lowering = {
  opType: 'Scatter',
  lower: (ctx) => [ctx.emit.op('ScatterElements', [0, 1, 2].map(ctx.input), { axis: ctx.int('axis', 0) })],
};

/** Until opset 16 coordinates were not shifted by half a pixel. */
const roiAlign: Lowering = {
  opType: 'RoiAlign',
  below: 16,
  lower: (ctx) => [emitAgain(ctx, { coordinate_transformation_mode: 'output_half_pixel' })],
};

const emitAgain = (ctx: LoweringContext, more: Readonly<Record<string, string>>): string =>
  ctx.emit.op(ctx.node.opType, ctx.node.inputs, { ...Object.fromEntries(ctx.node.attributes), ...more });

export const formUpgrades: readonly Lowering[] = [
  clip,
  pad,
  slice,
  axesAsInput('Squeeze'),
  axesAsInput('Unsqueeze'),
  axesAsInput('ReduceSum'),
  split,
  topK,
  dropout,
  batchNormalization,
  scatter,
  roiAlign,
];
