/** QOperator form: operators that take and give quantized tensors, in the standard domain and in com.microsoft. */
import { float32Tensor } from '../../onnx/builder';
import type { AttributeInput } from '../../onnx/builder';
import type { Lowering, LoweringContext } from '../lowering';
import { permuted, range, reduced } from '../lowering';
import { quantized, real } from './real';

const MICROSOFT = 'com.microsoft';

/** Scale and zero point follow the tensor. */
const behind = (index: number, axis?: number) => ({
  ...{ scale: index + 1, zero: index + 2 },
  ...(axis === undefined ? {} : { axis }),
});

const plain = (
  ctx: LoweringContext,
  ...without: readonly string[]
): Readonly<Record<string, AttributeInput>> =>
  Object.fromEntries([...ctx.node.attributes].filter(([name]) => !without.includes(name)));

/** The bias holds integers in units of both scales. */
function bias(ctx: LoweringContext, index: number, scales: readonly [number, number]): readonly string[] {
  if (!ctx.has(index)) return [];
  const [x = [1], w = [1]] = scales.map((scale) => ctx.numbers(scale));
  const given = ctx.numbers(index) ?? [];
  const values = given.map((value, i) => value * (x[0] ?? 1) * (w.length === 1 ? (w[0] ?? 1) : (w[i] ?? 1)));
  return [ctx.emit.constant('constant/bias', float32Tensor(ctx.dims(index), values))];
}

const qLinearConv = (domain: string): Lowering => ({
  ...{ domain, opType: 'QLinearConv' },
  lower(ctx) {
    if (ctx.int('channels_last', 0) === 1) return ctx.refuse('its channels are last');
    const inputs = [real(ctx, 0, behind(0)), real(ctx, 3, behind(3, 0)), ...bias(ctx, 8, [1, 4])];
    const y = ctx.emit.op('Conv', inputs, plain(ctx, 'channels_last'));
    return [quantized(ctx, y, ctx.dims(0).length, behind(5))];
  },
});

const qLinearMatMul: Lowering = {
  opType: 'QLinearMatMul',
  lower(ctx) {
    const y = ctx.emit.op('MatMul', [real(ctx, 0, behind(0, -2)), real(ctx, 3, behind(3, -1))]);
    return [quantized(ctx, y, Math.max(ctx.dims(0).length, ctx.dims(3).length), behind(5))];
  },
};

/** alpha A B + C; without a scale of the output that is a float. */
const qGemm: Lowering = {
  ...{ domain: MICROSOFT, opType: 'QGemm' },
  lower(ctx) {
    const { emit } = ctx;
    const columns = ctx.int('transB', 0) === 1 ? 0 : 1;
    const a = real(ctx, 0, behind(0));
    const inputs = [a, real(ctx, 3, behind(3, columns)), ...bias(ctx, 6, [1, 4])];
    const y = emit.op('Gemm', inputs, plain(ctx));
    return [ctx.has(7) ? quantized(ctx, y, 2, { scale: 7, zero: 8 }) : y];
  },
};

/** A function of one tensor: x, its scale and zero point, those of the output. */
const unary = (opType: string, apply: (ctx: LoweringContext, x: string) => string): Lowering => ({
  ...{ domain: MICROSOFT, opType },
  lower: (ctx) => [
    quantized(ctx, apply(ctx, real(ctx, 0, behind(0))), ctx.dims(0).length, { scale: 3, zero: 4 }),
  ],
});

const binary = (opType: string, operator: string): Lowering => ({
  ...{ domain: MICROSOFT, opType },
  lower(ctx) {
    const y = ctx.emit.op(operator, [real(ctx, 0, behind(0)), real(ctx, 3, behind(3))]);
    return [quantized(ctx, y, Math.max(ctx.dims(0).length, ctx.dims(3).length), behind(5))];
  },
});

/** Pools that may have their channels last. */
function pooled(ctx: LoweringContext, x: string, operator: string): string {
  const { emit } = ctx;
  const rank = ctx.dims(0).length;
  const last = ctx.int('channels_last', 0) === 1;
  const planes = last ? permuted(emit, x, [0, rank - 1, ...range(rank).slice(1, -1)]) : x;
  const y = emit.op(operator, [planes], plain(ctx, 'channels_last'));
  return last ? permuted(emit, y, [0, ...range(rank).slice(2), 1]) : y;
}

function reducedMean(ctx: LoweringContext, x: string): string {
  const { emit } = ctx;
  const axes = (ctx.ints('axes') ?? range(ctx.dims(0).length)).map((axis) =>
    axis < 0 ? axis + ctx.dims(0).length : axis,
  );
  const y = reduced(emit, 'ReduceMean', x, axes);
  if (ctx.int('keepdims', 1) === 1) return y;
  return emit.reshape(
    y,
    ctx.dims(0).filter((_, axis) => !axes.includes(axis)),
  );
}

/** Scale and zero point of the output first, then each tensor with its own. */
const concat: Lowering = {
  ...{ domain: MICROSOFT, opType: 'QLinearConcat' },
  lower(ctx) {
    const parts = range((ctx.inputCount() - 2) / 3).map((i) => real(ctx, 2 + 3 * i, behind(2 + 3 * i)));
    const y = ctx.emit.concat(parts, ctx.int('axis', 0));
    return [quantized(ctx, y, ctx.dims(2).length, { scale: 0, zero: 1 })];
  },
};

/** A (B - zero point) scale + bias: A is quantized as the model runs. */
const dynamicQuantizeMatMul: Lowering = {
  ...{ domain: MICROSOFT, opType: 'DynamicQuantizeMatMul' },
  lower(ctx) {
    const { emit } = ctx;
    const y = emit.op('MatMul', [ctx.input(0), real(ctx, 1, { scale: 2, zero: 3, axis: -1 })]);
    return [ctx.has(4) ? emit.add(y, ctx.input(4)) : y];
  },
};

/** Inputs: A, B, the scales of both, their zero points, bias. */
const matMulIntegerToFloat: Lowering = {
  ...{ domain: MICROSOFT, opType: 'MatMulIntegerToFloat' },
  lower(ctx) {
    const { emit } = ctx;
    const sides = [
      real(ctx, 0, { scale: 2, zero: 4, axis: -2 }),
      real(ctx, 1, { scale: 3, zero: 5, axis: -1 }),
    ];
    const y = emit.op('MatMul', sides);
    return [ctx.has(6) ? emit.add(y, ctx.input(6)) : y];
  },
};

export const quantizedOperatorLowerings: readonly Lowering[] = [
  qLinearConv(''),
  qLinearConv(MICROSOFT),
  qLinearMatMul,
  qGemm,
  binary('QLinearAdd', 'Add'),
  binary('QLinearMul', 'Mul'),
  unary('QLinearSigmoid', ({ emit }, x) => emit.op('Sigmoid', [x])),
  unary('QLinearLeakyRelu', (ctx, x) => ctx.emit.op('LeakyRelu', [x], plain(ctx))),
  unary('QLinearSoftmax', (ctx, x) => ctx.emit.op('Softmax', [x], { axis: ctx.int('axis', -1) })),
  unary('QLinearGlobalAveragePool', (ctx, x) => pooled(ctx, x, 'GlobalAveragePool')),
  unary('QLinearAveragePool', (ctx, x) => pooled(ctx, x, 'AveragePool')),
  unary('QLinearReduceMean', reducedMean),
  concat,
  dynamicQuantizeMatMul,
  matMulIntegerToFloat,
];
