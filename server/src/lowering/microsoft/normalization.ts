/** com.microsoft: layer normalizations with the sum before them, and RMS normalizations under their older name. */
import { float } from '../../onnx/builder';
import type { Lowering, LoweringContext } from '../lowering';
import { fromFront, range, reduced } from '../lowering';

const domain = 'com.microsoft';

/** y = x / sqrt(mean(x^2) + epsilon) scale. */
function rms(ctx: LoweringContext, x: string, scale: string, axis: number): string {
  const { emit } = ctx;
  const rank = ctx.dims(0).length;
  const axes = range(rank).slice(fromFront(axis, rank));
  const mean = reduced(emit, 'ReduceMean', emit.mul(x, x), axes);
  const epsilon = emit.scalar(ctx.float('epsilon', 1e-5), ctx.type(0));
  return emit.mul(emit.div(x, emit.op('Sqrt', [emit.add(mean, epsilon)])), scale);
}

/** (input + bias) + skip: the optimizer takes the bias off the product that it makes the input (`fusion_skiplayernorm.py`). */
function sumOf(ctx: LoweringContext, bias: number): string {
  const input = ctx.has(bias) ? ctx.emit.add(ctx.input(0), ctx.input(bias)) : ctx.input(0);
  return ctx.emit.add(input, ctx.input(1));
}

const refuseStatistics = (ctx: LoweringContext): void => {
  if (ctx.wants(1) || ctx.wants(2)) ctx.refuse('its mean and deviation are used');
};

/** Inputs: input, skip, gamma, beta, bias. Outputs: y, mean, deviation, the sum. */
const skipLayer: Lowering = {
  ...{ domain, opType: 'SkipLayerNormalization' },
  lower(ctx) {
    refuseStatistics(ctx);
    const sum = sumOf(ctx, 4);
    const parameters = ctx.has(3) ? [ctx.input(2), ctx.input(3)] : [ctx.input(2)];
    const epsilon = float(ctx.float('epsilon', 1e-12));
    return [ctx.emit.op('LayerNormalization', [sum, ...parameters], { axis: -1, epsilon }), '', '', sum];
  },
};

/** Inputs: input, skip, gamma, bias. */
const skipSimplified: Lowering = {
  ...{ domain, opType: 'SkipSimplifiedLayerNormalization' },
  lower(ctx) {
    refuseStatistics(ctx);
    const sum = sumOf(ctx, 3);
    return [rms(ctx, sum, ctx.input(2), -1), '', '', sum];
  },
};

/** onnxruntime writes it into the standard domain. */
const simplified = (of: string): Lowering => ({
  ...{ domain: of, opType: 'SimplifiedLayerNormalization' },
  lower(ctx) {
    refuseStatistics(ctx);
    return [rms(ctx, ctx.input(0), ctx.input(1), ctx.int('axis', -1))];
  },
});

export const microsoftNormalizations: readonly Lowering[] = [
  skipLayer,
  skipSimplified,
  simplified(''),
  simplified(domain),
];
