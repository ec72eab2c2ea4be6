/** QDQ and dynamic quantization (standard domain): conversions, and products of integers. */
import type { Lowering, LoweringContext } from '../lowering';
import type { Quantization } from './real';
import { quantized, quantizedConstant, real, shifted } from './real';

/** The parameters of QuantizeLinear and DequantizeLinear. */
function quantization(ctx: LoweringContext): Quantization {
  const block = ctx.int('block_size', 0);
  return { scale: 1, zero: 2, axis: ctx.int('axis', 1), ...(block === 0 ? {} : { block }) };
}

const quantizeLinear = (domain: string): Lowering => ({
  ...{ domain, opType: 'QuantizeLinear' },
  lower(ctx) {
    const how = quantization(ctx);
    const constant = quantizedConstant(ctx, 0, how);
    if (constant !== null) return [constant];
    if (how.block !== undefined) return ctx.refuse('it quantizes in blocks what is computed');
    return [quantized(ctx, ctx.input(0), ctx.dims(0).length, how)];
  },
});

const dequantizeLinear = (domain: string): Lowering => ({
  ...{ domain, opType: 'DequantizeLinear' },
  lower(ctx) {
    const how = quantization(ctx);
    if (how.block !== undefined && ctx.constant(0) === null)
      return ctx.refuse('it reads in blocks what is computed');
    return [real(ctx, 0, how)];
  },
});

/** Without rounding the scale is arbitrary: 1, and the zero point 0. */
const dynamicQuantizeLinear: Lowering = {
  opType: 'DynamicQuantizeLinear',
  lower: (ctx) => [ctx.input(0), ctx.emit.scalar(1, 'float32'), ctx.emit.scalar(0, 'float32')],
};

const convInteger: Lowering = {
  opType: 'ConvInteger',
  lower(ctx) {
    const inputs = [shifted(ctx, 0, 2), shifted(ctx, 1, 3, 0)];
    return [ctx.emit.op('Conv', inputs, Object.fromEntries(ctx.node.attributes))];
  },
};

/** Zero points of rows and of columns. */
const matMulInteger: Lowering = {
  opType: 'MatMulInteger',
  lower: (ctx) => [ctx.emit.op('MatMul', [shifted(ctx, 0, 2, -2), shifted(ctx, 1, 3, -1)])],
};

export const quantizedLowerings: readonly Lowering[] = [
  ...['', 'com.microsoft'].flatMap((domain) => [quantizeLinear(domain), dequantizeLinear(domain)]),
  dynamicQuantizeLinear,
  convInteger,
  matMulInteger,
];
