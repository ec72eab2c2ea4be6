/** Gradients of Conv and ConvTranspose with respect to their input: each is the adjoint, hence the other one. */
import { gradient, refused } from '../ports';
import type { DifferentiableRule, GradientContext } from '../rule';
import { at, windowsOf } from '../window';

/** A bias that depends on the image is a plain sum; weights would take a convolution of the whole batch. */
const INPUTS = [
  gradient('X'),
  refused('W', 'and gradients with respect to weights are not computed'),
  gradient('B'),
];

/** db_c = sum of dy over batch and space. */
function biasGradient(ctx: GradientContext): string | undefined {
  if (!ctx.needs(2)) return undefined;
  const axes = ctx.shapeOfOutput(0).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  return ctx.emit.reduce('ReduceSum', ctx.gradOfOutput(0), axes, false);
}

/**
 * y = W * x: dx = ConvTranspose(dy, W) with the same strides, dilations, pads and groups; ONNX lays out the weights of
 * both operators so that W needs no change. `output_padding` restores the rows that the stride skipped at the far edge.
 */
const conv: DifferentiableRule = {
  opType: 'Conv',
  since: 1,
  inputs: INPUTS,
  build(ctx) {
    const db = biasGradient(ctx);
    if (!ctx.needs(0)) return [undefined, undefined, db];
    const kernel = ctx.shapeOfInput(1).slice(2);
    const w = windowsOf(ctx, kernel, 'convolution');
    // Negative padding crops: what is in front of the first window comes back as zeros.
    const cropped = w.before.map((amount) => Math.max(-amount, 0));
    const [before, after] = [w.before, w.after].map((pads) => pads.map((amount) => Math.max(amount, 0))) as [
      number[],
      number[],
    ];
    const outputPadding = w.input.map((size, axis) => {
      const reached =
        (at(w.output, axis) - 1) * at(w.strides, axis) + (at(kernel, axis) - 1) * at(w.dilations, axis) + 1;
      return size - at(cropped, axis) + at(before, axis) + at(after, axis) - reached;
    });
    const dx = ctx.emit.op('ConvTranspose', [ctx.gradOfOutput(0), ctx.input(1)], {
      kernel_shape: kernel,
      strides: w.strides,
      dilations: w.dilations,
      pads: [...before, ...after],
      output_padding: outputPadding,
      group: ctx.int('group', 1),
    });
    const whole = ctx.emit.pad(dx, [0, 0, ...cropped, 0, 0, ...cropped.map(() => 0)]);
    return [whole, undefined, db];
  },
};

/** y = ConvTranspose(x, W): dx = Conv(dy, W) with the same attributes; `output_padding` needs no counterpart. */
const convTranspose: DifferentiableRule = {
  opType: 'ConvTranspose',
  since: 1,
  inputs: INPUTS,
  build(ctx) {
    const db = biasGradient(ctx);
    if (!ctx.needs(0)) return [undefined, undefined, db];
    const kernel = ctx.shapeOfInput(1).slice(2);
    const strides = ctx.ints('strides') ?? kernel.map(() => 1);
    const dilations = ctx.ints('dilations') ?? kernel.map(() => 1);
    const dx = ctx.emit.op('Conv', [ctx.gradOfOutput(0), ctx.input(1)], {
      kernel_shape: kernel,
      strides,
      dilations,
      pads: transposePads(ctx, kernel, strides, dilations),
      group: ctx.int('group', 1),
    });
    return [dx, undefined, db];
  },
};

/** Explicit pads of a ConvTranspose: given, or what `output_shape` and `auto_pad` leave over (ONNX, ConvTranspose). */
function transposePads(
  ctx: GradientContext,
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): readonly number[] {
  const auto = ctx.string('auto_pad', 'NOTSET');
  if (ctx.ints('output_shape') === undefined) {
    if (auto === 'NOTSET' || auto === '') return ctx.ints('pads') ?? kernel.flatMap(() => [0, 0]);
    if (auto === 'VALID') return kernel.flatMap(() => [0, 0]);
  }
  const input = ctx.shapeOfInput(0).slice(2);
  const output = ctx.shapeOfOutput(0).slice(2);
  const extra = ctx.ints('output_padding') ?? kernel.map(() => 0);
  const total = kernel.map((k, axis) => {
    const full =
      at(strides, axis) * (at(input, axis) - 1) + at(extra, axis) + (k - 1) * at(dilations, axis) + 1;
    return Math.max(full - at(output, axis), 0);
  });
  const half = total.map((t) => Math.floor(t / 2));
  const rest = total.map((t) => Math.ceil(t / 2));
  return auto === 'SAME_UPPER' ? [...half, ...rest] : [...rest, ...half];
}

export const convolutionRules: readonly DifferentiableRule[] = [conv, convTranspose];
