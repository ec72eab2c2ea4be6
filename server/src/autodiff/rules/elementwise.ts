/** Gradients of functions of one variable, applied element by element: dx = dy * f'(x). */
import type { Emitter } from '../emitter';
import type { DataType } from '../../onnx/model';
import { gradient } from '../ports';
import type { DifferentiableRule, GradientContext } from '../rule';

/** What f'(x) may be written with: the emitter, x, y = f(x), and constants of their type. */
export interface Point {
  readonly e: Emitter;
  readonly x: string;
  readonly y: string;
  readonly type: DataType;
  /** A scalar constant. */
  readonly c: (value: number) => string;
}

/** A rule from f', given as the tensor to multiply dy with. */
function elementwise(
  opType: string,
  since: number,
  derivative: (p: Point) => string,
  input = 'X',
): DifferentiableRule {
  return {
    opType,
    since,
    inputs: [gradient(input)],
    build: (ctx) => [ctx.emit.mul(ctx.gradOfOutput(0), derivative(point(ctx)))],
  };
}

export function point(ctx: GradientContext): Point {
  const type = ctx.typeOfInput(0);
  return {
    e: ctx.emit,
    x: ctx.input(0),
    y: ctx.output(0),
    type,
    c: (value) => ctx.emit.scalar(value, type),
  };
}

const inverseRoot = (e: Emitter, x: string): string => e.op('Reciprocal', [e.op('Sqrt', [x])]);

export const elementwiseRules: readonly DifferentiableRule[] = [
  // s' = s (1 - s)
  elementwise('Sigmoid', 6, ({ e, y, type }) => e.mul(y, e.oneMinusProbability(y, type))),
  // tanh' = 1 - tanh^2
  elementwise('Tanh', 6, ({ e, y, c }) => e.sub(c(1), e.mul(y, y)), 'input'),
  // erf' = 2/sqrt(pi) exp(-x^2)
  elementwise(
    'Erf',
    9,
    ({ e, x, c }) => e.mul(c(2 / Math.sqrt(Math.PI)), e.op('Exp', [e.neg(e.mul(x, x))])),
    'input',
  ),
  elementwise('Exp', 6, ({ y }) => y, 'input'),
  elementwise('Log', 6, ({ e, x }) => e.op('Reciprocal', [x]), 'input'),
  // sqrt' = 1 / (2 sqrt(x))
  elementwise('Sqrt', 6, ({ e, y, c }) => e.div(c(0.5), y)),
  // (1/x)' = -y^2
  elementwise('Reciprocal', 6, ({ e, y }) => e.neg(e.mul(y, y))),
  elementwise('Abs', 6, ({ e, x }) => e.op('Sign', [x])),
  elementwise('Sin', 7, ({ e, x }) => e.op('Cos', [x]), 'input'),
  elementwise('Cos', 7, ({ e, x }) => e.neg(e.op('Sin', [x])), 'input'),
  // tan' = 1 + tan^2
  elementwise('Tan', 7, ({ e, y, c }) => e.add(c(1), e.mul(y, y)), 'input'),
  elementwise('Asin', 7, ({ e, x, c }) => inverseRoot(e, e.sub(c(1), e.mul(x, x))), 'input'),
  elementwise('Acos', 7, ({ e, x, c }) => e.neg(inverseRoot(e, e.sub(c(1), e.mul(x, x)))), 'input'),
  elementwise('Atan', 7, ({ e, x, c }) => e.op('Reciprocal', [e.add(c(1), e.mul(x, x))]), 'input'),
  elementwise('Sinh', 9, ({ e, x }) => e.op('Cosh', [x]), 'input'),
  elementwise('Cosh', 9, ({ e, x }) => e.op('Sinh', [x]), 'input'),
  elementwise('Asinh', 9, ({ e, x, c }) => inverseRoot(e, e.add(e.mul(x, x), c(1))), 'input'),
  elementwise('Acosh', 9, ({ e, x, c }) => inverseRoot(e, e.sub(e.mul(x, x), c(1))), 'input'),
  elementwise('Atanh', 9, ({ e, x, c }) => e.op('Reciprocal', [e.sub(c(1), e.mul(x, x))]), 'input'),
  // softplus' = sigmoid
  elementwise('Softplus', 1, ({ e, x }) => e.op('Sigmoid', [x])),
  // (x / (1 + |x|))' = 1 / (1 + |x|)^2
  elementwise(
    'Softsign',
    1,
    ({ e, x, c }) => {
      const scale = e.op('Reciprocal', [e.add(c(1), e.op('Abs', [x]))]);
      return e.mul(scale, scale);
    },
    'input',
  ),
  // Mish: y = x t with t = tanh(softplus(x)); y' = t + x (1 - t^2) sigmoid(x)
  elementwise('Mish', 18, ({ e, x, c }) => {
    const t = e.op('Tanh', [e.op('Softplus', [x])]);
    return e.add(t, e.mul(e.mul(x, e.sub(c(1), e.mul(t, t))), e.op('Sigmoid', [x])));
  }),
  {
    opType: 'Neg',
    since: 6,
    inputs: [gradient('X')],
    build: (ctx) => [ctx.emit.neg(ctx.gradOfOutput(0))],
  },
  { opType: 'Gelu', since: 20, inputs: [gradient('X')], build: (ctx) => [gelu(ctx)] },
];

/** Gelu: erf form y' = Phi(x) + x phi(x); tanh form by the chain rule on 0.5 x (1 + tanh(u)), u = k (x + 0.044715 x^3). */
function gelu(ctx: GradientContext): string {
  const { e, x, c } = point(ctx);
  const dy = ctx.gradOfOutput(0);
  if (ctx.string('approximate', 'none') === 'tanh') {
    const square = e.mul(x, x);
    const k = Math.sqrt(2 / Math.PI);
    const cubic = e.add(c(1), e.mul(c(0.044715), square));
    const t = e.op('Tanh', [e.mul(c(k), e.mul(x, cubic))]);
    const du = e.mul(c(k), e.add(c(1), e.mul(c(3 * 0.044715), square)));
    const inner = e.mul(e.mul(x, du), e.sub(c(1), e.mul(t, t)));
    return e.mul(dy, e.mul(c(0.5), e.add(e.add(c(1), t), inner)));
  }
  const t = e.mul(c(Math.SQRT1_2), x);
  const cdf = e.halfOfOnePlus(e.op('Erf', [t]), ctx.typeOfInput(0));
  // x^2 / 2 = t^2, and the factor of the density goes into its exponent: each operator is a pass over memory.
  const pdf = e.op('Exp', [e.sub(c(-Math.log(Math.sqrt(2 * Math.PI))), e.mul(t, t))]);
  return e.mul(dy, e.add(cdf, e.mul(x, pdf)));
}
