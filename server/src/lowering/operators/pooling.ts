/** LpPool and GlobalLpPool as sums over windows, MaxUnpool as a scatter (ONNX specification). */
import { float32Tensor } from '../../onnx/builder';
import type { Lowering, LoweringContext } from '../lowering';
import { product, range, reduced } from '../lowering';

/** |x|^p. */
function powers(ctx: LoweringContext, p: number): string {
  const { emit } = ctx;
  const x = ctx.input(0);
  if (p === 2) return emit.mul(x, x);
  const size = emit.op('Abs', [x]);
  return p === 1 ? size : emit.op('Pow', [size, emit.scalar(p, ctx.type(0))]);
}

/** s^(1/p), whose slope at 0 is taken to be 0. */
function root(ctx: LoweringContext, sum: string, p: number): string {
  const { emit } = ctx;
  if (p === 1) return sum;
  const c = (value: number): string => emit.scalar(value, ctx.type(0));
  const none = emit.op('Equal', [sum, c(0)]);
  const positive = emit.op('Where', [none, c(1), sum]);
  const rooted = p === 2 ? emit.op('Sqrt', [positive]) : emit.op('Pow', [positive, c(1 / p)]);
  return emit.op('Where', [none, c(0), rooted]);
}

/** A sum over windows is a convolution of each channel with ones; padding comes first, with what `ceil_mode` adds. */
const lpPool: Lowering = {
  opType: 'LpPool',
  lower(ctx) {
    const { emit } = ctx;
    const [dims, out] = [ctx.dims(0), ctx.outputDims(0)];
    const kernel = ctx.ints('kernel_shape') ?? ctx.refuse('its kernel_shape is missing');
    const rank = kernel.length;
    const strides = ctx.ints('strides') ?? kernel.map(() => 1);
    const dilations = ctx.ints('dilations') ?? kernel.map(() => 1);
    const mode = ctx.string('auto_pad', 'NOTSET');
    const given = ctx.ints('pads') ?? range(2 * rank).map(() => 0);
    const [before, after]: number[][] = [[], []];
    kernel.forEach((size, i) => {
      const [stride = 1, dilation = 1, length = 0, count = 0] = [
        strides[i],
        dilations[i],
        dims[i + 2],
        out[i + 2],
      ];
      const reach = (count - 1) * stride + (size - 1) * dilation + 1;
      const total = Math.max(reach - length, 0);
      const same = mode === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
      const first = mode === 'VALID' ? 0 : mode.startsWith('SAME') ? same : (given[i] ?? 0);
      before?.push(first);
      after?.push(reach - length - first);
    });
    const p = ctx.int('p', 2);
    const padded = emit.pad(powers(ctx, p), [0, 0, ...(before ?? []), 0, 0, ...(after ?? [])]);
    const channels = dims[1] ?? 1;
    const ones = float32Tensor(
      [channels, 1, ...kernel],
      new Float32Array(channels * product(kernel)).fill(1),
    );
    const window = { kernel_shape: kernel, strides, dilations, group: channels };
    return [root(ctx, emit.op('Conv', [padded, emit.constant('constant/ones', ones)], window), p)];
  },
};

const globalLpPool: Lowering = {
  opType: 'GlobalLpPool',
  lower(ctx) {
    const p = ctx.int('p', 2);
    const axes = range(ctx.dims(0).length).slice(2);
    return [root(ctx, reduced(ctx.emit, 'ReduceSum', powers(ctx, p), axes), p)];
  },
};

/** The indices count the elements of the whole output; elements without an index are zero. */
const maxUnpool: Lowering = {
  opType: 'MaxUnpool',
  lower(ctx) {
    const { emit } = ctx;
    const dims = ctx.dims(0);
    const kernel = ctx.ints('kernel_shape') ?? ctx.refuse('its kernel_shape is missing');
    const strides = ctx.ints('strides') ?? kernel.map(() => 1);
    const pads = ctx.ints('pads') ?? range(2 * kernel.length).map(() => 0);
    const usual = dims.map((size, axis) => {
      const i = axis - 2;
      if (i < 0) return size;
      const padding = (pads[i] ?? 0) + (pads[i + kernel.length] ?? 0);
      return (size - 1) * (strides[i] ?? 1) + (kernel[i] ?? 1) - padding;
    });
    const shape = ctx.numbers(2) ?? usual;
    // onnxruntime counts within the shape that is given; the specification's example counts within the usual one.
    const flat = (i: number): string => emit.reshape(ctx.input(i), [product(dims)]);
    const zeros = emit.expand(emit.scalar(0, ctx.type(0)), [product(shape)]);
    return [emit.reshape(emit.op('ScatterElements', [zeros, flat(1), flat(0)], { axis: 0 }), shape)];
  },
};

export const poolingLowerings: readonly Lowering[] = [lpPool, globalLpPool, maxUnpool];
