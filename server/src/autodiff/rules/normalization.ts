/** Gradients of normalizations: with fixed statistics a scale, with the input's own statistics three terms. */
import type { Emitter } from '../emitter';
import { gradient, refused } from '../ports';
import type { DifferentiableRule, GradientContext } from '../rule';

/** (C) -> (1, C, 1, ...), to broadcast over an input of the given rank. */
const perChannel = (ctx: GradientContext, vector: string): string =>
  ctx.emit.unsqueeze(vector, allAxesBut(ctx, 1));

const allAxesBut = (ctx: GradientContext, kept: number): readonly number[] =>
  ctx.shapeOfInput(0).flatMap((_, axis) => (axis === kept ? [] : [axis]));

const inverseRoot = (emit: Emitter, x: string): string => emit.op('Reciprocal', [emit.op('Sqrt', [x])]);

const TRAINING = 'which only training mode computes';

/**
 * Inference: y = scale xh + B with xh = (x - mean) r, r = 1 / sqrt(var + eps) and running statistics. With g = dy scale:
 * dx = g r, dscale = sum(dy xh), dB = sum(dy), dmean = -sum(g r), dvar = -1/2 sum(g xh) r^2; sums over batch and space.
 */
const batchNormalization: DifferentiableRule = {
  opType: 'BatchNormalization',
  since: 9,
  inputs: ['X', 'scale', 'B', 'input_mean', 'input_var'].map(gradient),
  // Opsets 9 to 13 have five outputs, later ones three.
  outputs: [
    gradient('Y'),
    ...['running_mean', 'running_var', 'saved_mean', 'saved_var'].map((name) => refused(name, TRAINING)),
  ],
  build(ctx) {
    if (ctx.int('training_mode', 0) === 1) return ctx.unsupported('it is in training mode');
    const { emit } = ctx;
    const dy = ctx.gradOfOutput(0);
    const variance = emit.add(ctx.input(4), emit.scalar(ctx.float('epsilon', 1e-5), ctx.typeOfInput(4)));
    const slope = emit.div(ctx.input(1), emit.op('Sqrt', [variance]));
    const sum = (x: string): string => emit.reduce('ReduceSum', x, allAxesBut(ctx, 1), false);
    const alongInput = (): string => {
      const centered = emit.sub(ctx.input(0), perChannel(ctx, ctx.input(3)));
      return emit.div(sum(emit.mul(dy, centered)), emit.op('Sqrt', [variance]));
    };
    const half = (): string => emit.scalar(-0.5, ctx.typeOfInput(4));
    const gradients = [
      () => emit.mul(dy, perChannel(ctx, slope)),
      alongInput,
      () => sum(dy),
      () => emit.neg(emit.mul(sum(dy), slope)),
      () => emit.mul(half(), emit.div(emit.mul(alongInput(), ctx.input(1)), variance)),
    ];
    return gradients.map((make, i) => (ctx.needs(i) ? make() : undefined));
  },
};

interface OwnStatistics {
  /** c = x - m. */
  readonly centered: string;
  /** r = 1 / sqrt(v + eps); m and v are taken over `axes` of x itself. */
  readonly r: string;
  readonly mean: (tensor: string) => string;
}

/** @param known m and r, where the node itself yields them */
function ownStatistics(
  ctx: GradientContext,
  axes: readonly number[],
  known?: { readonly mean: string; readonly r: string },
): OwnStatistics {
  const { emit } = ctx;
  const mean = (t: string): string => emit.reduce('ReduceMean', t, axes);
  const centered = emit.sub(ctx.input(0), known?.mean ?? mean(ctx.input(0)));
  if (known !== undefined) return { centered, r: known.r, mean };
  const epsilon = emit.scalar(ctx.float('epsilon', 1e-5), ctx.typeOfInput(0));
  const r = inverseRoot(emit, emit.add(mean(emit.mul(centered, centered)), epsilon));
  return { centered, r, mean };
}

/**
 * y = scale xh + bias with xh = c r: with g = dy scale, dx = r (g - mean(g) - xh mean(g xh)), and xh mean(g xh) = c r^2 mean(g c), where r^2
 * mean(g c) is as small as the statistics.
 */
function throughOutput(ctx: GradientContext, { centered, r, mean }: OwnStatistics, scale: string): string {
  const { emit } = ctx;
  const g = emit.mul(ctx.gradOfOutput(0), scale);
  const along = emit.mul(centered, emit.mul(emit.mul(r, r), mean(emit.mul(g, centered))));
  return emit.mul(r, emit.sub(emit.sub(g, mean(g)), along));
}

/**
 * Statistics over the n elements of the axes from `axis` on; scale and bias have their shape. Mean and inverse deviation are
 * outputs too: dx += dMean / n - dInvStdDev r^3 (x - m) / n.
 */
const layerNormalization: DifferentiableRule = {
  opType: 'LayerNormalization',
  since: 17,
  inputs: [gradient('X'), gradient('Scale'), gradient('B')],
  outputs: [gradient('Y'), gradient('Mean'), gradient('InvStdDev')],
  build(ctx) {
    const { emit } = ctx;
    const shape = ctx.shapeOfInput(0);
    const axis = ctx.int('axis', -1);
    const first = axis < 0 ? axis + shape.length : axis;
    const axes = shape.flatMap((_, i) => (i < first ? [] : [i]));
    const type = ctx.typeOfInput(0);
    const share = emit.scalar(1 / axes.reduce((n, i) => n * (shape[i] ?? 1), 1), type);
    const statistics = ownStatistics(ctx, axes, type === 'float32' ? yielded(ctx) : undefined);
    const normalized = (): string => emit.mul(statistics.centered, statistics.r);
    const [dy, dMean, dInvStdDev] = [0, 1, 2].map((i) => ctx.gradOfOutput(i)) as [string, string, string];
    // The statistics are float32, whatever the data's type.
    const inType = (x: string): string => (type === 'float32' ? x : emit.cast(x, type));
    const throughDeviation = (): string => {
      const cube = emit.mul(statistics.r, emit.mul(statistics.r, statistics.r));
      return emit.neg(emit.mul(emit.mul(inType(dInvStdDev), share), emit.mul(cube, statistics.centered)));
    };
    const dx = (): string =>
      [
        dy === '' ? [] : [throughOutput(ctx, statistics, ctx.input(1))],
        dMean === '' ? [] : [emit.expand(emit.mul(inType(dMean), share), shape)],
        dInvStdDev === '' ? [] : [throughDeviation()],
      ]
        .flat()
        .reduce(emit.add);
    const parameter = (i: number, along: () => string): string | undefined => {
      if (!ctx.needs(i)) return undefined;
      if (dy === '') return emit.expand(emit.scalar(0, type), ctx.shapeOfInput(i));
      return emit.sumTo(along(), shape, ctx.shapeOfInput(i));
    };
    return [
      ctx.needs(0) ? dx() : undefined,
      parameter(1, () => emit.mul(dy, normalized())),
      parameter(2, () => dy),
    ];
  },
};

/** Mean and inverse deviation, if the node has been asked for both. */
function yielded(ctx: GradientContext): { readonly mean: string; readonly r: string } | undefined {
  const [, mean = '', r = ''] = ctx.node.outputs;
  return mean === '' || r === '' ? undefined : { mean, r };
}

/** Statistics over space, for each sample and channel. */
const instanceNormalization: DifferentiableRule = {
  opType: 'InstanceNormalization',
  since: 6,
  inputs: [gradient('input'), gradient('scale'), gradient('B')],
  build(ctx) {
    const { emit } = ctx;
    const space = ctx.shapeOfInput(0).flatMap((_, axis) => (axis < 2 ? [] : [axis]));
    const statistics = ownStatistics(ctx, space);
    const dy = ctx.gradOfOutput(0);
    const sum = (x: string): string => emit.reduce('ReduceSum', x, allAxesBut(ctx, 1), false);
    return [
      ctx.needs(0) ? throughOutput(ctx, statistics, perChannel(ctx, ctx.input(1))) : undefined,
      ctx.needs(1) ? sum(emit.mul(dy, emit.mul(statistics.centered, statistics.r))) : undefined,
      ctx.needs(2) ? sum(dy) : undefined,
    ];
  },
};

export const normalizationRules: readonly DifferentiableRule[] = [
  batchNormalization,
  layerNormalization,
  instanceNormalization,
];
