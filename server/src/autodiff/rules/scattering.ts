/** Gradients of operators that pick or place elements at positions that the graph computes: each is the other's adjoint. */
import { discrete, gradient, type Port } from '../ports';
import type { DifferentiableRule, GradientContext } from '../rule';
import { at } from '../window';
import { extremumGradients, productGradients, scatterOf } from './scatter-reductions';

/** Scattering that adds up came with opset 16; what is read from a file is brought to 17. */
const SINCE = 16;

const zeros = (ctx: GradientContext, shape: readonly number[]): string =>
  ctx.emit.expand(ctx.emit.scalar(0, ctx.typeOfInput(0)), shape);

/** y = x[indices along axis]: dx adds dy up at the indices. */
const gatherElements: DifferentiableRule = {
  opType: 'GatherElements',
  since: SINCE,
  inputs: [gradient('data'), discrete('indices')],
  build(ctx) {
    const attributes = { axis: ctx.int('axis', 0), reduction: 'add' };
    const inputs = [zeros(ctx, ctx.shapeOfInput(0)), ctx.input(1), ctx.gradOfOutput(0)];
    return [ctx.emit.op('ScatterElements', inputs, attributes)];
  },
};

/** y = x[indices], whose last axis holds positions after the batch axes: these become positions too. */
const gatherND: DifferentiableRule = {
  opType: 'GatherND',
  since: SINCE,
  inputs: [gradient('data'), discrete('indices')],
  build(ctx) {
    const { emit } = ctx;
    const shape = ctx.shapeOfInput(1);
    const outer = shape.slice(0, -1);
    const batch = Array.from({ length: ctx.int('batch_dims', 0) }, (_, axis) => {
      const along = emit.reshape(
        emit.range(at(shape, axis)),
        outer.map((size, i) => (i === axis ? size : 1)),
      );
      return emit.reshape(emit.expand(along, outer), [...outer, 1]);
    });
    const indices = batch.length === 0 ? ctx.input(1) : emit.concat([...batch, ctx.input(1)], outer.length);
    const inputs = [zeros(ctx, ctx.shapeOfInput(0)), indices, ctx.gradOfOutput(0)];
    return [emit.op('ScatterND', inputs, { reduction: 'add' })];
  },
};

const DATA_AND_UPDATES: readonly Port[] = [gradient('data'), discrete('indices'), gradient('updates')];

/** What is placed comes back by gathering; what was replaced has no influence. Reductions are in `scatter-reductions.ts`. */
function scattering(opType: 'ScatterElements' | 'ScatterND'): DifferentiableRule {
  return {
    opType,
    since: SINCE,
    inputs: DATA_AND_UPDATES,
    build(ctx) {
      const { emit } = ctx;
      const scatter = scatterOf(ctx, opType);
      const dy = ctx.gradOfOutput(0);
      const only = (data: () => string, updates: () => string): (string | undefined)[] => [
        ctx.needs(0) ? data() : undefined,
        undefined,
        ctx.needs(2) ? updates() : undefined,
      ];
      switch (ctx.string('reduction', 'none')) {
        case 'none':
          return only(
            () =>
              scatter.put(dy, emit.expand(emit.scalar(0, ctx.typeOfInput(0)), ctx.shapeOfInput(2)), 'none'),
            () => scatter.pick(dy),
          );
        case 'add':
          return only(
            () => dy,
            () => scatter.pick(dy),
          );
        case 'mul':
          return productGradients(ctx, scatter);
        default:
          return extremumGradients(ctx, scatter);
      }
    },
  };
}

/** The chosen values: dx is dy at their places. */
const topK: DifferentiableRule = {
  opType: 'TopK',
  since: 11,
  inputs: [gradient('X'), discrete('K')],
  outputs: [gradient('Values'), discrete('Indices')],
  build(ctx) {
    const { emit } = ctx;
    const axis = ctx.int('axis', -1);
    const [, named = ''] = ctx.node.outputs;
    const order = { axis, largest: ctx.int('largest', 1), sorted: ctx.int('sorted', 1) };
    const indices =
      named !== '' ? named : (emit.ops('TopK', [ctx.input(0), ctx.input(1)], order, 2)[1] ?? '');
    const inputs = [zeros(ctx, ctx.shapeOfInput(0)), indices, ctx.gradOfOutput(0)];
    return [emit.op('ScatterElements', inputs, { axis })];
  },
};

/** y_i = sum of x up to i: dx_i = sum of dy from i on. */
const cumSum: DifferentiableRule = {
  opType: 'CumSum',
  since: 11,
  inputs: [gradient('x'), discrete('axis')],
  build: (ctx) => [
    ctx.emit.op('CumSum', [ctx.gradOfOutput(0), ctx.input(1)], {
      exclusive: ctx.int('exclusive', 0),
      reverse: 1 - ctx.int('reverse', 0),
    }),
  ],
};

export const scatteringRules: readonly DifferentiableRule[] = [
  gatherElements,
  gatherND,
  scattering('ScatterElements'),
  scattering('ScatterND'),
  topK,
  cumSum,
];
