/** Gradients of piecewise functions of one variable; at a kink the piece is the one PyTorch chooses. */
import type { DifferentiableRule } from '../rule';
import { point } from './elementwise';

export const piecewiseRules: readonly DifferentiableRule[] = [
  // Relu' = [x > 0]
  {
    opType: 'Relu',
    since: 6,
    build(ctx) {
      const { e, y, c } = point(ctx);
      return [e.op('Where', [e.op('Greater', [y, c(0)]), ctx.gradOfOutput(0), c(0)])];
    },
  },
  // LeakyRelu' = 1 for x > 0, else alpha
  {
    opType: 'LeakyRelu',
    since: 6,
    build(ctx) {
      const { e, x, c } = point(ctx);
      const dy = ctx.gradOfOutput(0);
      const scaled = e.mul(dy, c(ctx.float('alpha', 0.01)));
      return [e.op('Where', [e.op('Greater', [x, c(0)]), dy, scaled])];
    },
  },
  // PRelu' = 1 for x > 0, else slope; d slope = dy x where x <= 0
  {
    opType: 'PRelu',
    since: 9,
    build(ctx) {
      const { e, x, c } = point(ctx);
      const dy = ctx.gradOfOutput(0);
      const positive = e.op('Greater', [x, c(0)]);
      const dx = ctx.needs(0) ? e.op('Where', [positive, dy, e.mul(dy, ctx.input(1))]) : undefined;
      if (!ctx.needs(1)) return [dx];
      const full = e.op('Where', [positive, c(0), e.mul(dy, x)]);
      return [dx, e.sumTo(full, ctx.shapeOfOutput(0), ctx.shapeOfInput(1))];
    },
  },
  // Elu: y = alpha (exp(x) - 1) for x <= 0, so y' = y + alpha there
  {
    opType: 'Elu',
    since: 6,
    build(ctx) {
      const { e, x, y, c } = point(ctx);
      const dy = ctx.gradOfOutput(0);
      const negative = e.mul(dy, e.add(y, c(ctx.float('alpha', 1))));
      return [e.op('Where', [e.op('Greater', [x, c(0)]), dy, negative])];
    },
  },
  // Selu: y = gamma alpha (exp(x) - 1) for x <= 0, so y' = y + gamma alpha there; gamma elsewhere
  {
    opType: 'Selu',
    since: 6,
    build(ctx) {
      const { e, x, y, c } = point(ctx);
      const dy = ctx.gradOfOutput(0);
      const gamma = ctx.float('gamma', 1.0507009873554805);
      const alpha = ctx.float('alpha', 1.6732632423543772);
      const slope = e.op('Where', [e.op('Greater', [x, c(0)]), c(gamma), e.add(y, c(gamma * alpha))]);
      return [e.mul(dy, slope)];
    },
  },
  // HardSigmoid' = alpha where 0 < alpha x + beta < 1, that is where 0 < y < 1
  {
    opType: 'HardSigmoid',
    since: 6,
    build(ctx) {
      const { e, y, c } = point(ctx);
      const inside = e.op('And', [e.op('Greater', [y, c(0)]), e.op('Less', [y, c(1)])]);
      return [e.op('Where', [inside, e.mul(ctx.gradOfOutput(0), c(ctx.float('alpha', 0.2))), c(0)])];
    },
  },
  // HardSwish: y = x clip(x/6 + 1/2, 0, 1); y' = 0 for x < -3, x/3 + 1/2 up to 3, 1 above
  {
    opType: 'HardSwish',
    since: 14,
    build(ctx) {
      const { e, x, c } = point(ctx);
      const middle = e.add(e.mul(x, c(1 / 3)), c(0.5));
      const upper = e.op('Where', [e.op('Greater', [x, c(3)]), c(1), middle]);
      const slope = e.op('Where', [e.op('Less', [x, c(-3)]), c(0), upper]);
      return [e.mul(ctx.gradOfOutput(0), slope)];
    },
  },
  // Clip' = 1 from min to max, bounds included; the bounds are inputs since opset 11
  {
    opType: 'Clip',
    since: 11,
    stops: [1, 2],
    build(ctx) {
      const { e, x, c } = point(ctx);
      const outside: string[] = [];
      if (ctx.hasInput(1)) outside.push(e.op('Less', [x, ctx.input(1)]));
      if (ctx.hasInput(2)) outside.push(e.op('Greater', [x, ctx.input(2)]));
      const [first, second] = outside;
      if (first === undefined) return [ctx.gradOfOutput(0)];
      const clipped = second === undefined ? first : e.op('Or', [first, second]);
      return [e.op('Where', [clipped, c(0), ctx.gradOfOutput(0)])];
    },
  },
  // ThresholdedRelu' = [x > alpha]
  {
    opType: 'ThresholdedRelu',
    since: 10,
    build(ctx) {
      const { e, x, c } = point(ctx);
      const above = e.op('Greater', [x, c(ctx.float('alpha', 1))]);
      return [e.op('Where', [above, ctx.gradOfOutput(0), c(0)])];
    },
  },
];
