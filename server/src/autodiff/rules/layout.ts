/** Gradients of operators that only move elements: the gradient moves back the same way. */
import { discrete, gradient, gradients, type Port } from '../ports';
import type { DifferentiableRule } from '../rule';
import { at } from '../window';

/** The elements keep their order, so the gradient takes the input's shape. */
const reshaping = (opType: string, since: number, inputs: readonly Port[]): DifferentiableRule => ({
  opType,
  since,
  inputs,
  build: (ctx) => [ctx.emit.reshape(ctx.gradOfOutput(0), ctx.shapeOfInput(0))],
});

const normalAxis = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** The transposition that undoes `perm`. */
function inverse(perm: readonly number[]): readonly number[] {
  const result = perm.map(() => 0);
  perm.forEach((from, to) => (result[from] = to));
  return result;
}

const transpose: DifferentiableRule = {
  opType: 'Transpose',
  since: 1,
  inputs: [gradient('data')],
  build(ctx) {
    const perm =
      ctx.ints('perm') ??
      ctx
        .shapeOfInput(0)
        .map((_, axis) => axis)
        .reverse();
    return [ctx.emit.transpose(ctx.gradOfOutput(0), inverse(perm))];
  },
};

const concat: DifferentiableRule = {
  opType: 'Concat',
  since: 4,
  inputs: [gradients('inputs')],
  build(ctx) {
    const axis = normalAxis(ctx.int('axis', 0), ctx.shapeOfOutput(0).length);
    const sizes = Array.from({ length: ctx.inputCount() }, (_, i) => at(ctx.shapeOfInput(i), axis));
    return ctx.emit.split(ctx.gradOfOutput(0), axis, sizes);
  },
};

/** A part that nothing downstream uses contributes zeros. */
const split: DifferentiableRule = {
  opType: 'Split',
  since: 2,
  inputs: [gradient('input'), discrete('split')],
  outputs: [gradients('outputs')],
  build(ctx) {
    const axis = normalAxis(ctx.int('axis', 0), ctx.shapeOfInput(0).length);
    const zero = (): string => ctx.emit.scalar(0, ctx.typeOfInput(0));
    const parts = Array.from({ length: ctx.outputCount() }, (_, i) =>
      ctx.gradOfOutput(i) === '' ? ctx.emit.expand(zero(), ctx.shapeOfOutput(i)) : ctx.gradOfOutput(i),
    );
    return [ctx.emit.concat(parts, axis)];
  },
};

/** Expand broadcasts, so its gradient sums. */
const expand: DifferentiableRule = {
  opType: 'Expand',
  since: 8,
  inputs: [gradient('input'), discrete('shape')],
  build: (ctx) => [ctx.emit.sumTo(ctx.gradOfOutput(0), ctx.shapeOfOutput(0), ctx.shapeOfInput(0))],
};

/** Tile repeats each axis r times: view the output as (r0, d0, r1, d1, ...) and sum over the repeats. */
const tile: DifferentiableRule = {
  opType: 'Tile',
  since: 6,
  inputs: [gradient('input'), discrete('repeats')],
  build(ctx) {
    const shape = ctx.shapeOfInput(0);
    const repeats = shape.map((size, axis) => at(ctx.shapeOfOutput(0), axis) / size);
    const view = shape.flatMap((size, axis) => [at(repeats, axis), size]);
    const copies = ctx.emit.reshape(ctx.gradOfOutput(0), view);
    return [
      ctx.emit.reduce(
        'ReduceSum',
        copies,
        shape.map((_, axis) => 2 * axis),
        false,
      ),
    ];
  },
};

/** Moves blocks of channels into space; the six-axis views are those of the ONNX specification. */
const depthToSpace: DifferentiableRule = {
  opType: 'DepthToSpace',
  since: 1,
  inputs: [gradient('input')],
  build(ctx) {
    const [n, c, h, w] = ctx.shapeOfInput(0) as [number, number, number, number];
    const b = ctx.int('blocksize', 1);
    const depth = c / (b * b);
    const blocks = ctx.emit.reshape(ctx.gradOfOutput(0), [n, depth, h, b, w, b]);
    const perm = ctx.string('mode', 'DCR') === 'CRD' ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4];
    return [ctx.emit.reshape(ctx.emit.transpose(blocks, perm), [n, c, h, w])];
  },
};

/** Undone by DepthToSpace in its older mode, which is its only one up to opset 10. */
const spaceToDepth: DifferentiableRule = {
  opType: 'SpaceToDepth',
  since: 1,
  inputs: [gradient('input')],
  build: (ctx) => [
    ctx.emit.op('DepthToSpace', [ctx.gradOfOutput(0)], { blocksize: ctx.int('blocksize', 1) }),
  ],
};

/** What was set to zero stays zero. */
const trilu: DifferentiableRule = {
  opType: 'Trilu',
  since: 14,
  inputs: [gradient('input'), discrete('k')],
  build(ctx) {
    const diagonal = ctx.hasInput(1) ? [ctx.input(1)] : [];
    return [ctx.emit.op('Trilu', [ctx.gradOfOutput(0), ...diagonal], { upper: ctx.int('upper', 1) })];
  },
};

/** Reversing twice changes nothing. */
const reverseSequence: DifferentiableRule = {
  opType: 'ReverseSequence',
  since: 10,
  inputs: [gradient('input'), discrete('sequence_lens')],
  build(ctx) {
    const axes = { batch_axis: ctx.int('batch_axis', 1), time_axis: ctx.int('time_axis', 0) };
    return [ctx.emit.op('ReverseSequence', [ctx.gradOfOutput(0), ctx.input(1)], axes)];
  },
};

export const layoutRules: readonly DifferentiableRule[] = [
  reshaping('Flatten', 1, [gradient('input')]),
  reshaping('Reshape', 5, [gradient('data'), discrete('shape')]),
  reshaping('Squeeze', 1, [gradient('data'), discrete('axes')]),
  reshaping('Unsqueeze', 1, [gradient('data'), discrete('axes')]),
  transpose,
  concat,
  split,
  expand,
  tile,
  depthToSpace,
  spaceToDepth,
  trilu,
  reverseSequence,
];
