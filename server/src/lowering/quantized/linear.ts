/** QDQ and dynamic quantization (standard domain): conversions, and products of integers. */
import type { Lowering, LoweringContext } from '../lowering';
import { quantized, real, shifted } from './real';

const refuseBlocks = (ctx: LoweringContext): void => {
  if (ctx.int('block_size', 0) !== 0) ctx.refuse('it is quantized in blocks');
};

const quantizeLinear = (domain: string): Lowering => ({
  ...{ domain, opType: 'QuantizeLinear' },
  lower(ctx) {
    refuseBlocks(ctx);
    const rank = ctx.dims(0).length;
    return [quantized(ctx, ctx.input(0), rank, { scale: 1, zero: 2, axis: ctx.int('axis', 1) })];
  },
});

const dequantizeLinear = (domain: string): Lowering => ({
  ...{ domain, opType: 'DequantizeLinear' },
  lower(ctx) {
    refuseBlocks(ctx);
    return [real(ctx, 0, { scale: 1, zero: 2, axis: ctx.int('axis', 1) })];
  },
});

/** Without rounding any scale is as good as another: 1, and the zero point 0. */
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
