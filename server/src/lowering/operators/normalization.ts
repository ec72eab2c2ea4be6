/** Normalizations written with means and products (formulas of the ONNX specification; where it differs, as onnxruntime computes). */
import { float, float32Tensor } from '../../onnx/builder';
import type { Lowering } from '../lowering';
import { fromFront, product, range, reduced } from '../lowering';

/**
 * y = x (bias + alpha/size sum of x^2 over `size` channels around)^-beta. The mean over a window of channels is an average pool of
 * the channels seen as an axis of space, in which the padding counts.
 */
const lrn: Lowering = {
  opType: 'LRN',
  lower(ctx) {
    const { emit } = ctx;
    const dims = ctx.dims(0);
    const [n = 1, c = 1] = dims;
    const [x, size] = [ctx.input(0), ctx.int('size', 1)];
    const columns = emit.reshape(emit.mul(x, x), [n, 1, c, product(dims.slice(2))]);
    const before = Math.floor((size - 1) / 2);
    const attributes = {
      kernel_shape: [size, 1],
      pads: [before, 0, size - 1 - before, 0],
      count_include_pad: 1,
    };
    const mean = emit.reshape(emit.op('AveragePool', [columns], attributes), dims);
    const type = ctx.type(0);
    const scaled = emit.mul(mean, emit.scalar(ctx.float('alpha', 1e-4), type));
    const base = emit.add(scaled, emit.scalar(ctx.float('bias', 1), type));
    return [emit.mul(x, emit.op('Pow', [base, emit.scalar(-ctx.float('beta', 0.75), type)]))];
  },
};

/** Each group of channels is normalized as one channel of an instance; scale and bias have one value for each channel, before opset 21 one for each group. */
const groupNormalization: Lowering = {
  opType: 'GroupNormalization',
  lower(ctx) {
    const { emit } = ctx;
    const dims = ctx.dims(0);
    const [n = 1, c = 1] = dims;
    const groups = ctx.int('num_groups', 1);
    if (c % groups !== 0) return ctx.refuse(`its ${groups} groups do not divide ${c} channels`);
    const [one, zero] = [1, 0].map((value) =>
      emit.constant(`constant/group/${value}`, float32Tensor([groups], new Float32Array(groups).fill(value))),
    ) as [string, string];
    const grouped = emit.reshape(ctx.input(0), [n, groups, product(dims.slice(1)) / groups]);
    const epsilon = float(ctx.float('epsilon', 1e-5));
    const normal = emit.op('InstanceNormalization', [grouped, one, zero], { epsilon });
    const each = product(ctx.dims(1)) === c && ctx.opset >= 21;
    const affine = (y: string, shape: readonly number[]): string => {
      const [scale, bias] = [1, 2].map((i) => emit.reshape(ctx.input(i), shape)) as [string, string];
      return emit.add(emit.mul(y, scale), bias);
    };
    if (each) return [affine(emit.reshape(normal, dims), [c, ...dims.slice(2).map(() => 1)])];
    return [emit.reshape(affine(normal, [groups, 1]), dims)];
  },
};

/** y = x / sqrt(mean(x^2) + epsilon) scale, over the axes from `axis` on. */
const rmsNormalization: Lowering = {
  opType: 'RMSNormalization',
  lower(ctx) {
    const { emit } = ctx;
    const rank = ctx.dims(0).length;
    const x = ctx.input(0);
    const axes = range(rank).slice(fromFront(ctx.int('axis', -1), rank));
    const mean = reduced(emit, 'ReduceMean', emit.mul(x, x), axes);
    const root = emit.op('Sqrt', [emit.add(mean, emit.scalar(ctx.float('epsilon', 1e-5), ctx.type(0)))]);
    return [emit.mul(emit.div(x, root), ctx.input(1))];
  },
};

/** y = (x - mean) / (sqrt(var) + 1e-9). */
const meanVariance: Lowering = {
  opType: 'MeanVarianceNormalization',
  lower(ctx) {
    const { emit } = ctx;
    if (ctx.opset < 9) return ctx.refuse('before opset 9 the operator was experimental');
    const rank = ctx.dims(0).length;
    const axes = (ctx.ints('axes') ?? [0, 2, 3]).map((axis) => fromFront(axis, rank));
    const centered = emit.sub(ctx.input(0), reduced(emit, 'ReduceMean', ctx.input(0), axes));
    const variance = reduced(emit, 'ReduceMean', emit.mul(centered, centered), axes);
    const deviation = emit.add(emit.op('Sqrt', [variance]), emit.scalar(1e-9, ctx.type(0)));
    return [emit.div(centered, deviation)];
  },
};

/** y = x / |x|_p along one axis, 0 where the norm is. */
const lpNormalization: Lowering = {
  opType: 'LpNormalization',
  lower(ctx) {
    const { emit } = ctx;
    const axis = fromFront(ctx.int('axis', -1), ctx.dims(0).length);
    const p = ctx.int('p', 2);
    if (p !== 1 && p !== 2) return ctx.refuse(`its norm is of order ${p}`);
    const norm = reduced(emit, `ReduceL${p}`, ctx.input(0), [axis]);
    const [zero, one] = [0, 1].map((value) => emit.scalar(value, ctx.type(0))) as [string, string];
    return [emit.div(ctx.input(0), emit.op('Where', [emit.op('Equal', [norm, zero]), one, norm]))];
  },
};

export const normalizationLowerings: readonly Lowering[] = [
  lrn,
  groupNormalization,
  rmsNormalization,
  meanVariance,
  lpNormalization,
];
