/** Activations and reductions, rewritten with operators that have gradient rules (formulas of the ONNX specification). */
import { float } from '../../onnx/builder';
import type { Lowering } from '../lowering';

/** y = x sigmoid(alpha x). */
const swish: Lowering = {
  opType: 'Swish',
  lower(ctx) {
    const { emit } = ctx;
    const [x, alpha] = [ctx.input(0), ctx.float('alpha', 1)];
    const scaled = alpha === 1 ? x : emit.mul(x, emit.scalar(alpha, ctx.type(0)));
    return [emit.mul(x, emit.op('Sigmoid', [scaled]))];
  },
};

/** y = max(0, x) + min(0, alpha (exp(x / alpha) - 1)) = alpha Elu(x / alpha). */
const celu: Lowering = {
  opType: 'Celu',
  lower(ctx) {
    const { emit } = ctx;
    const alpha = ctx.float('alpha', 1);
    const elu = (x: string): string => emit.op('Elu', [x], { alpha: float(1) });
    if (alpha === 1) return [elu(ctx.input(0))];
    const scale = emit.scalar(alpha, ctx.type(0));
    return [emit.mul(elu(emit.div(ctx.input(0), scale)), scale)];
  },
};

/** y = x + bias below -lambd, x - bias above lambd, else 0. */
const shrink: Lowering = {
  opType: 'Shrink',
  lower(ctx) {
    const { emit } = ctx;
    const type = ctx.type(0);
    const [x, lambd] = [ctx.input(0), ctx.float('lambd', 0.5)];
    const c = (value: number): string => emit.scalar(value, type);
    const bias = c(ctx.float('bias', 0));
    const above = emit.op('Where', [emit.op('Greater', [x, c(lambd)]), emit.sub(x, bias), c(0)]);
    return [emit.op('Where', [emit.op('Less', [x, c(-lambd)]), emit.add(x, bias), above])];
  },
};

/** y = log(sum x). */
const reduceLogSum: Lowering = {
  opType: 'ReduceLogSum',
  lower(ctx) {
    const { emit } = ctx;
    const keep = { keepdims: ctx.int('keepdims', 1) };
    const axes = ctx.ints('axes');
    const noop = ctx.int('noop_with_empty_axes', 0) === 1 ? { noop_with_empty_axes: 1 } : {};
    const given = axes === undefined ? ctx.node.inputs.slice(1) : [emit.ints(axes)];
    return [emit.op('Log', [emit.op('ReduceSum', [ctx.input(0), ...given], { ...keep, ...noop })])];
  },
};

/** Casts to the type of the second input, which is not read otherwise. */
const castLike: Lowering = {
  opType: 'CastLike',
  lower: (ctx) => [ctx.emit.cast(ctx.input(0), ctx.type(1))],
};

export const activationLowerings: readonly Lowering[] = [swish, celu, shrink, reduceLogSum, castLike];
