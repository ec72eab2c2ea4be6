/** Gradients of pooling: every output hands its gradient back to the positions of its window. */
import { float32Tensor, int64Tensor } from '../../onnx/builder';
import { discrete, gradient } from '../ports';
import type { DifferentiableRule, GradientContext } from '../rule';
import { at, coveredRange, windowsOf, type Windows } from '../window';

/** Numbers below `sizes`, as coordinates, in C order. */
function* positions(sizes: readonly number[]): Generator<readonly number[]> {
  const total = sizes.reduce((a, b) => a * b, 1);
  for (let flat = 0; flat < total; flat++) {
    const position: number[] = [];
    for (let axis = sizes.length - 1, rest = flat; axis >= 0; axis--) {
      position.unshift(rest % at(sizes, axis));
      rest = Math.floor(rest / at(sizes, axis));
    }
    yield position;
  }
}

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/**
 * Adds up what each window hands to each of its positions (the adjoint of im2col): `columns` is (N C, k, output...) with one
 * channel for each of the k window positions, or a single channel that all of them receive. The sum is a ConvTranspose with a
 * 0/1 kernel over the full covered range, then cut or padded to the input.
 */
function scatterWindows(ctx: GradientContext, columns: string, w: Windows, perPosition: boolean): string {
  const { emit } = ctx;
  const size = product(w.kernel);
  const channels = perPosition ? size : 1;
  const kernel = new Float32Array(channels * size).fill(perPosition ? 0 : 1);
  if (perPosition) for (let i = 0; i < size; i++) kernel[i * size + i] = 1;
  const float32 = emit.shared(`constant/windows/${perPosition}/${w.kernel.join('x')}`, () =>
    float32Tensor([channels, 1, ...w.kernel], kernel),
  );
  const type = ctx.typeOfInput(0);
  const covered = emit.op(
    'ConvTranspose',
    [columns, type === 'float32' ? float32 : emit.cast(float32, type)],
    { kernel_shape: w.kernel, strides: w.strides, dilations: w.dilations },
  );
  const ranges = w.kernel.map((_, axis) => coveredRange(w, axis));
  const fitted = emit.pad(covered, [
    0,
    0,
    ...ranges.map(({ first }) => first),
    0,
    0,
    ...ranges.map(({ end }, axis) => at(w.input, axis) - end),
  ]);
  return emit.reshape(fitted, ctx.shapeOfInput(0));
}

/** y = sum over the window / count; the count leaves out padding unless `count_include_pad`. */
const averagePool: DifferentiableRule = {
  opType: 'AveragePool',
  since: 7,
  inputs: [gradient('X')],
  build(ctx) {
    const w = windowsOf(ctx, ctx.ints('kernel_shape') ?? ctx.unsupported('kernel_shape is missing'));
    const includePad = ctx.int('count_include_pad', 0) === 1;
    const shares = Float32Array.from(positions(w.output), (o) => {
      const counts = o.map((index, axis) => {
        const pad = includePad ? 1 : 0;
        const low = -pad * at(w.before, axis);
        const high = at(w.input, axis) + pad * at(w.after, axis);
        let inside = 0;
        for (let k = 0; k < at(w.kernel, axis); k++) {
          const x = index * at(w.strides, axis) - at(w.before, axis) + k * at(w.dilations, axis);
          if (x >= low && x < high) inside++;
        }
        return inside;
      });
      return 1 / product(counts);
    });
    const { emit } = ctx;
    const type = ctx.typeOfInput(0);
    const constant = emit.builder.constant(
      'constant/pool/shares',
      float32Tensor([1, 1, ...w.output], shares),
    );
    const shared = emit.mul(ctx.gradOfOutput(0), type === 'float32' ? constant : emit.cast(constant, type));
    const planes = emit.reshape(shared, [planeCount(ctx), 1, ...w.output]);
    return [scatterWindows(ctx, planes, w, false)];
  },
};

const planeCount = (ctx: GradientContext): number => product(ctx.shapeOfInput(0).slice(0, 2));

/**
 * y = max over the window; ties go to the first position, as in PyTorch. The winners come from the `Indices` output of a
 * second MaxPool, so the forward graph keeps its own; each window position then receives dy where it is the winner.
 */
const maxPool: DifferentiableRule = {
  opType: 'MaxPool',
  since: 8,
  inputs: [gradient('X')],
  outputs: [gradient('Y'), discrete('Indices')],
  build(ctx) {
    if (ctx.int('storage_order', 0) !== 0) return ctx.unsupported('storage_order is column-major');
    const kernel = ctx.ints('kernel_shape') ?? ctx.unsupported('kernel_shape is missing');
    const w = windowsOf(ctx, kernel);
    const { emit } = ctx;
    const [values, indices] = [
      emit.builder.free(`${ctx.output(0)}/max`),
      emit.builder.free(`${ctx.output(0)}/argmax`),
    ];
    emit.builder.nodeWithOutputs('MaxPool', [ctx.input(0)], Object.fromEntries(ctx.node.attributes), [
      values,
      indices,
    ]);
    const planes = planeCount(ctx);
    const plane = product(w.input);
    const winner = emit.op('Mod', [emit.reshape(indices, [planes, 1, ...w.output]), emit.ints([plane])]);
    const grid = [...positions(w.kernel)].flatMap((k) =>
      [...positions(w.output)].map((o) => flatPosition(w, o, k)),
    );
    const candidates = emit.builder.constant(
      'constant/pool/positions',
      int64Tensor(grid, [1, product(kernel), ...w.output]),
    );
    const dy = emit.reshape(ctx.gradOfOutput(0), [planes, 1, ...w.output]);
    const zero = emit.scalar(0, ctx.typeOfInput(0));
    const columns = emit.op('Where', [emit.op('Equal', [winner, candidates]), dy, zero]);
    return [scatterWindows(ctx, columns, w, true)];
  },
};

/** Index within the input plane of position `k` of window `o`; -1 in the padding, which never wins. */
function flatPosition(w: Windows, o: readonly number[], k: readonly number[]): number {
  let flat = 0;
  for (let axis = 0; axis < o.length; axis++) {
    const size = at(w.input, axis);
    const x = at(o, axis) * at(w.strides, axis) - at(w.before, axis) + at(k, axis) * at(w.dilations, axis);
    if (x < 0 || x >= size) return -1;
    flat = flat * size + x;
  }
  return flat;
}

/** y = mean over space: dx = dy / size, everywhere. */
const globalAveragePool: DifferentiableRule = {
  opType: 'GlobalAveragePool',
  since: 1,
  inputs: [gradient('X')],
  build(ctx) {
    const { emit } = ctx;
    const shape = ctx.shapeOfInput(0);
    const share = emit.scalar(1 / product(shape.slice(2)), ctx.typeOfInput(0));
    return [emit.expand(emit.mul(ctx.gradOfOutput(0), share), shape)];
  },
};

/** y = max over space: dy goes to the first maximum. */
const globalMaxPool: DifferentiableRule = {
  opType: 'GlobalMaxPool',
  since: 1,
  inputs: [gradient('X')],
  build(ctx) {
    const { emit } = ctx;
    const shape = ctx.shapeOfInput(0);
    const size = product(shape.slice(2));
    const flat = emit.reshape(ctx.input(0), [at(shape, 0), at(shape, 1), size]);
    const winner = emit.op('ArgMax', [flat], { axis: 2, keepdims: 1 });
    const candidates = emit.ints(Array.from({ length: size }, (_, i) => i));
    const dy = emit.reshape(ctx.gradOfOutput(0), [at(shape, 0), at(shape, 1), 1]);
    const zero = emit.scalar(0, ctx.typeOfInput(0));
    const columns = emit.op('Where', [emit.op('Equal', [winner, candidates]), dy, zero]);
    return [emit.reshape(columns, shape)];
  },
};

export const poolingRules: readonly DifferentiableRule[] = [
  averagePool,
  maxPool,
  globalAveragePool,
  globalMaxPool,
];
