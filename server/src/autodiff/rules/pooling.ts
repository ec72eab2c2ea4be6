/** Gradients of pooling: every output hands its gradient back to the positions of its window. */
import { float32Tensor, int64Tensor } from '../../onnx/builder';
import type { Attributes } from '../emitter';
import { refuseTable } from '../limits';
import { discrete, gradient } from '../ports';
import type { DifferentiableRule, GradientContext } from '../rule';
import { at, coveredRange, windowsOf, type Windows } from '../window';

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
  refuseTable(ctx, `scattering its windows of ${w.kernel.join('x')}`, channels * size);
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
    const w = windowsOf(
      ctx,
      ctx.ints('kernel_shape') ?? ctx.unsupported('kernel_shape is missing'),
      'pooling',
    );
    const includePad = ctx.int('count_include_pad', 0) === 1;
    // Before opset 19 onnxruntime divides by the whole kernel then, also where a window reaches beyond the padding.
    const whole = includePad && ctx.opset < 19 && ctx.int('ceil_mode', 0) === 0;
    w.output.forEach((size, axis) =>
      refuseTable(ctx, `the sizes of its windows along axis ${axis + 2}`, size * at(w.kernel, axis)),
    );
    const { emit } = ctx;
    const type = ctx.typeOfInput(0);
    // Counts are whole numbers, so that their products and 1 / n are rounded once, as if they were computed in one go.
    const counts = w.output.map((size, axis) => {
      const values = Float32Array.from({ length: size }, (_, o) =>
        whole ? at(w.kernel, axis) : countInside(w, axis, o, includePad),
      );
      return emit.constant('constant/pool/counts', float32Tensor(alongAxis(w.output, axis), values));
    });
    const count = counts.reduce((all, along) => emit.mul(all, along));
    const share = emit.div(emit.scalar(1, 'float32'), count);
    const shared = emit.mul(ctx.gradOfOutput(0), type === 'float32' ? share : emit.cast(share, type));
    const planes = emit.reshape(shared, [planeCount(ctx), 1, ...w.output]);
    return [scatterWindows(ctx, planes, w, false)];
  },
};

/** How many positions of window `o` lie inside the input, with its padding or without. */
function countInside(w: Windows, axis: number, o: number, includePad: boolean): number {
  const pad = includePad ? 1 : 0;
  const low = -pad * at(w.before, axis);
  const high = at(w.input, axis) + pad * at(w.after, axis);
  let inside = 0;
  for (let k = 0; k < at(w.kernel, axis); k++) {
    const x = positionOf(w, axis, o, k);
    if (x >= low && x < high) inside++;
  }
  return inside;
}

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
    const kernel = ctx.ints('kernel_shape') ?? ctx.unsupported('kernel_shape is missing');
    const w = windowsOf(ctx, kernel, 'pooling');
    const { emit } = ctx;
    const [values, indices] = [
      emit.builder.free(`${ctx.output(0)}/max`),
      emit.builder.free(`${ctx.output(0)}/argmax`),
    ];
    const [x, within, attributes] = cropped(ctx, w);
    emit.builder.nodeWithOutputs('MaxPool', [x], attributes, [values, indices]);
    const planes = planeCount(ctx);
    const plane = product(within.input);
    const winner = emit.op('Mod', [emit.reshape(indices, [planes, 1, ...w.output]), emit.ints([plane])]);
    const candidates = windowPositions(ctx, within);
    const dy = emit.reshape(ctx.gradOfOutput(0), [planes, 1, ...w.output]);
    const zero = emit.scalar(0, ctx.typeOfInput(0));
    const columns = emit.op('Where', [emit.op('Equal', [winner, candidates]), dy, zero]);
    return [scatterWindows(ctx, columns, w, true)];
  },
};

/**
 * The node's input, geometry and attributes for a pooling that asks for indices. Negative padding, which only some of
 * onnxruntime's kernels accept, is cropped beforehand.
 */
function cropped(ctx: GradientContext, w: Windows): readonly [string, Windows, Attributes] {
  const crops = [w.before, w.after].map((pads) => pads.map((amount) => Math.min(amount, 0)));
  if (crops.flat().every((amount) => amount === 0))
    return [ctx.input(0), w, { ...Object.fromEntries(ctx.node.attributes), storage_order: 0 }];
  const [before, after] = crops as [number[], number[]];
  const within: Windows = {
    ...w,
    input: w.input.map((size, axis) => size + at(before, axis) + at(after, axis)),
    before: w.before.map((amount) => Math.max(amount, 0)),
    after: w.after.map((amount) => Math.max(amount, 0)),
  };
  const attributes = {
    kernel_shape: w.kernel,
    strides: w.strides,
    dilations: w.dilations,
    pads: [...within.before, ...within.after],
    ceil_mode: ctx.int('ceil_mode', 0),
  };
  return [ctx.emit.pad(ctx.input(0), [0, 0, ...before, 0, 0, ...after]), within, attributes];
}

/** Makes a sum of positions negative, whatever the other axes add: no winner has such an index. */
const PADDING = -(2 ** 55);

/**
 * The index within the input plane of every position of every window, (1, k, output...), negative in the padding. An index is a sum
 * over axes, of which each takes one small table; the runtime adds them up when it loads the graph.
 */
function windowPositions(ctx: GradientContext, w: Windows): string {
  const { emit } = ctx;
  const tables = w.input.map((size, axis) => {
    const [kernel, output] = [at(w.kernel, axis), at(w.output, axis)];
    refuseTable(ctx, `the positions of its windows along axis ${axis + 2}`, kernel * output);
    const step = product(w.input.slice(axis + 1));
    const index = (k: number, o: number): number => {
      const x = positionOf(w, axis, o, k);
      return x < 0 || x >= size ? PADDING : x * step;
    };
    const values = Array.from({ length: kernel * output }, (_, i) =>
      index(Math.floor(i / output), i % output),
    );
    const dims = [1, ...alongAxis(w.kernel, axis).slice(2), ...alongAxis(w.output, axis).slice(2)];
    return emit.constant('constant/pool/positions', int64Tensor(values, dims));
  });
  const sum = tables.reduce((all, along) => emit.add(all, along));
  return emit.reshape(sum, [1, product(w.kernel), ...w.output]);
}

/** Where position `k` of window `o` lies along an axis of the input; outside of it in the padding. */
const positionOf = (w: Windows, axis: number, o: number, k: number): number =>
  o * at(w.strides, axis) - at(w.before, axis) + k * at(w.dilations, axis);

/** (1, 1, ..., size, ..., 1): what varies along one spatial axis only. */
const alongAxis = (sizes: readonly number[], axis: number): readonly number[] => [
  1,
  1,
  ...sizes.map((size, i) => (i === axis ? size : 1)),
];

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
    const candidates = emit.range(size);
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
