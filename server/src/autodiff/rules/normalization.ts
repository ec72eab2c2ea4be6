/** Gradients of normalisations: with fixed statistics a scale, with the input's own statistics three terms. */
import type { DifferentiableRule, GradientContext } from '../rule';

function refuseParameters(ctx: GradientContext): void {
  for (const index of [1, 2])
    if (ctx.needs(index)) ctx.unsupported(`its input ${index} depends on the image`);
}

/** (C) -> (1, C, 1, ...), to broadcast over an input of the given rank. */
const perChannel = (ctx: GradientContext, vector: string): string => {
  const rank = ctx.shapeOfInput(0).length;
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  return ctx.emit.unsqueeze(vector, axes);
};

/** Inference: y = scale (x - mean) / sqrt(var + eps) + bias with running statistics, so dx = dy scale / sqrt(var + eps). */
const batchNormalization: DifferentiableRule = {
  opType: 'BatchNormalization',
  since: 9,
  stops: [3, 4],
  build(ctx) {
    if (ctx.int('training_mode', 0) === 1) return ctx.unsupported('it is in training mode');
    refuseParameters(ctx);
    const { emit } = ctx;
    const variance = emit.add(ctx.input(4), emit.scalar(ctx.float('epsilon', 1e-5), ctx.typeOfInput(4)));
    const slope = emit.div(ctx.input(1), emit.op('Sqrt', [variance]));
    return [emit.mul(ctx.gradOfOutput(0), perChannel(ctx, slope))];
  },
};

/**
 * y = scale xh + bias with xh = (x - m) r, r = 1 / sqrt(v + eps), m and v over `axes` of x itself. With g = dy scale:
 * dx = r (g - mean(g) - xh mean(g xh)).
 */
function ownStatistics(ctx: GradientContext, axes: readonly number[], scale: string): string {
  const { emit } = ctx;
  const type = ctx.typeOfInput(0);
  const mean = (t: string): string => emit.reduce('ReduceMean', t, axes);
  const centred = emit.sub(ctx.input(0), mean(ctx.input(0)));
  const variance = emit.add(mean(emit.mul(centred, centred)), emit.scalar(ctx.float('epsilon', 1e-5), type));
  const r = emit.op('Reciprocal', [emit.op('Sqrt', [variance])]);
  const normalised = emit.mul(centred, r);
  const g = emit.mul(ctx.gradOfOutput(0), scale);
  const along = emit.mul(normalised, mean(emit.mul(g, normalised)));
  return emit.mul(r, emit.sub(emit.sub(g, mean(g)), along));
}

/** Statistics over the axes from `axis` on; scale and bias have their shape. */
const layerNormalization: DifferentiableRule = {
  opType: 'LayerNormalization',
  since: 17,
  build(ctx) {
    refuseParameters(ctx);
    const rank = ctx.shapeOfInput(0).length;
    const axis = ctx.int('axis', -1);
    const first = axis < 0 ? axis + rank : axis;
    const axes = Array.from({ length: rank - first }, (_, i) => first + i);
    return [ownStatistics(ctx, axes, ctx.input(1))];
  },
};

/** Statistics over space, for each sample and channel. */
const instanceNormalization: DifferentiableRule = {
  opType: 'InstanceNormalization',
  since: 6,
  build(ctx) {
    refuseParameters(ctx);
    const axes = ctx.shapeOfInput(0).flatMap((_, axis) => (axis < 2 ? [] : [axis]));
    return [ownStatistics(ctx, axes, perChannel(ctx, ctx.input(1)))];
  },
};

export const normalizationRules: readonly DifferentiableRule[] = [
  batchNormalization,
  layerNormalization,
  instanceNormalization,
];
