/** Gradients of piecewise functions of one variable; at a kink the piece is the one PyTorch chooses. */
import { gradient } from '../ports';
import type { DifferentiableRule, GradientContext } from '../rule';
import { point } from './elementwise';

/** The bound of ReLU6. */
const SIX = 6;

/** Between 0 and 6, which nothing else clips to. */
const isRelu6 = (ctx: GradientContext): boolean =>
  ctx.numbersIfConstant(1)?.[0] === 0 && ctx.numbersIfConstant(2)?.[0] === SIX;

/**
 * ReLU6' = [0 < y < 6]: at its bounds PyTorch's and TensorFlow's ReLU6 pass no gradient, where their clamps
 * do, and files write both as Clip. It needs only y, so the forward Clip can be fused with its convolution.
 */
function relu6(ctx: GradientContext): string {
  const { e, y, c } = point(ctx);
  const inside = e.op('And', [e.op('Greater', [y, c(0)]), e.op('Less', [y, c(SIX)])]);
  return e.op('Where', [inside, ctx.gradOfOutput(0), c(0)]);
}

/**
 * y = min(max(x, low), high), so high wins where low > high. dx = dy from low to high, bounds included; the low bound receives
 * what lies below it, the high bound what lies above it, and everything where low > high. The bounds are inputs since opset 11. Those
 * of ReLU6 are a rule of their own, `relu6`.
 */
const clip: DifferentiableRule = {
  opType: 'Clip',
  since: 11,
  inputs: [gradient('input'), gradient('min'), gradient('max')],
  build(ctx) {
    if (isRelu6(ctx)) return [relu6(ctx)];
    const { e, x, c } = point(ctx);
    const dy = ctx.gradOfOutput(0);
    const low = ctx.hasInput(1) ? ctx.input(1) : undefined;
    const high = ctx.hasInput(2) ? ctx.input(2) : undefined;
    const crossed = (): string | undefined =>
      low !== undefined && high !== undefined ? e.op('Greater', [low, high]) : undefined;
    const below = low === undefined ? undefined : e.op('Less', [x, low]);
    const above = high === undefined ? undefined : e.op('Greater', [x, high]);
    const either = (a: string | undefined, b: string | undefined): string | undefined =>
      a === undefined || b === undefined ? (a ?? b) : e.op('Or', [a, b]);
    const axes = ctx.shapeOfInput(0).map((_, axis) => axis);
    const total = (x: string, i: number): string =>
      e.reshape(e.reduce('ReduceSum', x, axes), ctx.shapeOfInput(i));
    const outside = either(below, above);
    const dx = outside === undefined ? dy : e.op('Where', [outside, c(0), dy]);
    const dLow = (): string => {
      const share = e.op('Where', [below ?? '', dy, c(0)]);
      const instead = crossed();
      return total(instead === undefined ? share : e.op('Where', [instead, c(0), share]), 1);
    };
    const dHigh = (): string => total(e.op('Where', [either(above, crossed()) ?? '', dy, c(0)]), 2);
    return [dx, ctx.needs(1) ? dLow() : undefined, ctx.needs(2) ? dHigh() : undefined];
  },
};

export const piecewiseRules: readonly DifferentiableRule[] = [
  // Relu' = [x > 0]
  {
    opType: 'Relu',
    since: 6,
    inputs: [gradient('X')],
    build(ctx) {
      const { e, y, c } = point(ctx);
      return [e.op('Where', [e.op('Greater', [y, c(0)]), ctx.gradOfOutput(0), c(0)])];
    },
  },
  // LeakyRelu' = 1 for x > 0, else alpha
  {
    opType: 'LeakyRelu',
    since: 6,
    inputs: [gradient('X')],
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
    inputs: [gradient('X'), gradient('slope')],
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
    inputs: [gradient('X')],
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
    inputs: [gradient('X')],
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
    inputs: [gradient('X')],
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
    inputs: [gradient('X')],
    build(ctx) {
      const { e, x, c } = point(ctx);
      const middle = e.add(e.mul(x, c(1 / 3)), c(0.5));
      const upper = e.op('Where', [e.op('Greater', [x, c(3)]), c(1), middle]);
      const slope = e.op('Where', [e.op('Less', [x, c(-3)]), c(0), upper]);
      return [e.mul(ctx.gradOfOutput(0), slope)];
    },
  },
  clip,
  // ThresholdedRelu' = [x > alpha]
  {
    opType: 'ThresholdedRelu',
    since: 10,
    inputs: [gradient('X')],
    build(ctx) {
      const { e, x, c } = point(ctx);
      const above = e.op('Greater', [x, c(ctx.float('alpha', 1))]);
      return [e.op('Where', [above, ctx.gradOfOutput(0), c(0)])];
    },
  },
];
