/** com.microsoft: the forms of Gelu and Swish, and softmax with a bias. */
import type { Emitter } from '../../autodiff/emitter';
import type { DataType } from '../../onnx/model';
import type { Lowering, LoweringContext } from '../lowering';
import { fromFront } from '../lowering';

const domain = 'com.microsoft';

/** 0.5 x (1 + erf(x / sqrt 2)). */
export function gelu(emit: Emitter, x: string, type: DataType): string {
  const c = (value: number): string => emit.scalar(value, type);
  const erf = emit.op('Erf', [emit.mul(x, c(Math.SQRT1_2))]);
  return emit.mul(emit.mul(x, c(0.5)), emit.add(erf, c(1)));
}

/** 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))). */
function fastGelu(emit: Emitter, x: string, type: DataType): string {
  const c = (value: number): string => emit.scalar(value, type);
  const cubic = emit.add(emit.mul(emit.mul(emit.mul(x, x), x), c(0.044715)), x);
  const tanh = emit.op('Tanh', [emit.mul(cubic, c(Math.sqrt(2 / Math.PI)))]);
  return emit.mul(emit.mul(x, c(0.5)), emit.add(tanh, c(1)));
}

/** The input and the bias that may follow it. */
const biased = (ctx: LoweringContext): string =>
  ctx.has(1) ? ctx.emit.add(ctx.input(0), ctx.input(1)) : ctx.input(0);

const quickGelu: Lowering = {
  ...{ domain, opType: 'QuickGelu' },
  lower(ctx) {
    const { emit } = ctx;
    const scaled = emit.mul(ctx.input(0), emit.scalar(ctx.float('alpha', 1.702), ctx.type(0)));
    return [emit.mul(ctx.input(0), emit.op('Sigmoid', [scaled]))];
  },
};

const biasSoftmax: Lowering = {
  ...{ domain, opType: 'BiasSoftmax' },
  lower(ctx) {
    const { emit } = ctx;
    const rank = ctx.dims(0).length;
    const axis = fromFront(ctx.int('axis', 1), rank);
    if (axis !== rank - 1) return ctx.refuse('its softmax is over several axes');
    if (ctx.int('is_inner_broadcast', 1) !== 1 && ctx.dims(0).length !== ctx.dims(1).length)
      return ctx.refuse('its bias broadcasts from the front');
    return [emit.op('Softmax', [emit.add(ctx.input(0), ctx.input(1))], { axis: -1 })];
  },
};

export const microsoftActivations: readonly Lowering[] = [
  { domain, opType: 'Gelu', lower: (ctx) => [gelu(ctx.emit, ctx.input(0), ctx.type(0))] },
  { domain, opType: 'BiasGelu', lower: (ctx) => [gelu(ctx.emit, biased(ctx), ctx.type(0))] },
  { domain, opType: 'FastGelu', lower: (ctx) => [fastGelu(ctx.emit, biased(ctx), ctx.type(0))] },
  quickGelu,
  biasSoftmax,
];
