/** com.microsoft: convolutions and matrix products with what onnxruntime's optimizer has put into them; layouts that it has changed. */
import type { Emitter } from '../../autodiff/emitter';
import { float, type AttributeInput } from '../../onnx/builder';
import type { DataType } from '../../onnx/model';
import type { Lowering, LoweringContext } from '../lowering';
import { permuted, range } from '../lowering';

const domain = 'com.microsoft';

/** The attributes of the operator that was fused, without those of the fusion. */
function plain(ctx: LoweringContext, ...fused: readonly string[]): Readonly<Record<string, AttributeInput>> {
  return Object.fromEntries([...ctx.node.attributes].filter(([name]) => !fused.includes(name)));
}

/** An activation by name; its parameters are a list in the order of its attributes, as the optimizer writes them. */
function activated(ctx: LoweringContext, x: string, name: string, given: readonly number[]): string {
  const { emit } = ctx;
  const type = ctx.type(0);
  const number = (i: number, attribute: string, otherwise: number): number =>
    given[i] ?? ctx.float(`activation_${attribute}`, otherwise);
  switch (name) {
    case '':
      return x;
    case 'Relu':
    case 'Sigmoid':
    case 'Tanh':
    case 'Softplus':
    case 'Softsign':
    case 'HardSwish':
      return emit.op(name, [x]);
    case 'LeakyRelu':
      return emit.op(name, [x], { alpha: float(number(0, 'alpha', 0.01)) });
    case 'Elu':
      return emit.op(name, [x], { alpha: float(number(0, 'alpha', 1)) });
    case 'HardSigmoid':
      return emit.op(name, [x], {
        alpha: float(number(0, 'alpha', 0.2)),
        beta: float(number(1, 'beta', 0.5)),
      });
    case 'Clip':
      return emit.op('Clip', [
        x,
        bound(emit, number(0, 'min', -Infinity), type),
        bound(emit, number(1, 'max', Infinity), type),
      ]);
    default:
      return ctx.refuse(`its activation ${name} is not known`);
  }
}

const bound = (emit: Emitter, value: number, type: DataType): string =>
  Number.isFinite(value) ? emit.scalar(value, type) : '';

/** activation(Conv(X, W, B) + Z). */
const fusedConv: Lowering = {
  ...{ domain, opType: 'FusedConv' },
  lower(ctx) {
    const { emit } = ctx;
    const inputs = ctx.node.inputs.slice(0, ctx.has(2) ? 3 : 2);
    const y = emit.op('Conv', inputs, plain(ctx, 'activation', 'activation_params'));
    const sum = ctx.has(3) ? emit.add(y, ctx.input(3)) : y;
    return [activated(ctx, sum, ctx.string('activation', ''), ctx.floats('activation_params') ?? [])];
  },
};

/** Pixels first, channels last; of NhwcConv the kernels too (onnxruntime, `fusion_nhwc_conv.py`). */
const nhwcConv = (opType: string): Lowering => ({
  ...{ domain, opType },
  lower(ctx) {
    const { emit } = ctx;
    if (ctx.has(3)) return ctx.refuse('it adds another tensor');
    const rank = ctx.dims(0).length;
    const planes = permuted(emit, ctx.input(0), [0, rank - 1, ...range(rank).slice(1, -1)]);
    const kernels =
      opType === 'NhwcConv'
        ? permuted(emit, ctx.input(1), [0, rank - 1, ...range(rank).slice(1, -1)])
        : ctx.input(1);
    const parameters = ctx.has(2) ? [kernels, ctx.input(2)] : [kernels];
    const y = emit.op('Conv', [planes, ...parameters], plain(ctx, 'activation', 'activation_params'));
    const done = activated(ctx, y, ctx.string('activation', ''), ctx.floats('activation_params') ?? []);
    return [permuted(emit, done, [0, ...range(rank).slice(2), 1])];
  },
});

/** alpha A B, where each may be transposed in its last two axes, or with its batch axes after the rows. */
function product(ctx: LoweringContext): string {
  const { emit } = ctx;
  const side = (index: number, transposed: boolean, batchLast: boolean): string => {
    const rank = ctx.dims(index).length;
    if (rank < 2) return ctx.input(index);
    // transBatch moves the first axis after the batch axes (onnxruntime, `FusedMatMulOpset1`).
    const axes = batchLast ? [...range(rank).slice(1, -1), 0, rank - 1] : range(rank);
    const [rows = 0, columns = 0] = axes.slice(-2);
    return permuted(emit, ctx.input(index), transposed ? [...axes.slice(0, -2), columns, rows] : axes);
  };
  const flag = (name: string): boolean => ctx.int(name, 0) === 1;
  const y = emit.op('MatMul', [
    side(0, flag('transA'), flag('transBatchA')),
    side(1, flag('transB'), flag('transBatchB')),
  ]);
  const alpha = ctx.float('alpha', 1);
  return alpha === 1 ? y : emit.mul(y, emit.scalar(alpha, ctx.type(0)));
}

/** activation(alpha A B + beta C). */
const fusedGemm: Lowering = {
  ...{ domain, opType: 'FusedGemm' },
  lower(ctx) {
    const fused = [...ctx.node.attributes.keys()].filter((name) => name.startsWith('activation'));
    const y = ctx.emit.op('Gemm', ctx.node.inputs, plain(ctx, ...fused));
    return [activated(ctx, y, ctx.string('activation', ''), [])];
  },
};

export const fusedLowerings: readonly Lowering[] = [
  fusedConv,
  nhwcConv('NhwcConv'),
  nhwcConv('NhwcFusedConv'),
  { domain, opType: 'FusedMatMul', lower: (ctx) => [product(ctx)] },
  { domain, opType: 'TransposeMatMul', lower: (ctx) => [product(ctx)] },
  {
    ...{ domain, opType: 'FusedMatMulActivation' },
    lower: (ctx) => [activated(ctx, product(ctx), ctx.string('activation', ''), [])],
  },
  fusedGemm,
];
