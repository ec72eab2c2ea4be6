/** Gradients of arithmetic on two or more tensors; each gradient is summed down to the shape that was broadcast. */
import { discrete, gradient, gradients } from '../ports';
import type { DifferentiableRule, GradientContext } from '../rule';

const AB = [gradient('A'), gradient('B')];

/** The gradient of input `index`, computed at the output's shape only if it is needed. */
function broadcastGradient(
  ctx: GradientContext,
  index: number,
  atOutputShape: () => string,
): string | undefined {
  if (!ctx.needs(index)) return undefined;
  return ctx.emit.sumTo(atOutputShape(), ctx.shapeOfOutput(0), ctx.shapeOfInput(index));
}

const every = (ctx: GradientContext, atOutputShape: (index: number) => string): (string | undefined)[] =>
  Array.from({ length: ctx.inputCount() }, (_, i) => broadcastGradient(ctx, i, () => atOutputShape(i)));

/** Max and Min: the gradient goes to the inputs that equal the output, shared equally among ties. */
function extremum(opType: 'Max' | 'Min'): DifferentiableRule {
  return {
    opType,
    since: 8,
    inputs: [gradients('data_0')],
    build(ctx) {
      const { emit } = ctx;
      const type = ctx.typeOfInput(0);
      const hits = Array.from({ length: ctx.inputCount() }, (_, i) =>
        emit.indicator(emit.op('Equal', [ctx.input(i), ctx.output(0)]), type),
      );
      const share = emit.div(ctx.gradOfOutput(0), emit.op('Sum', hits));
      return every(ctx, (i) => emit.mul(share, hits[i] ?? ''));
    },
  };
}

export const arithmeticRules: readonly DifferentiableRule[] = [
  { opType: 'Add', since: 7, inputs: AB, build: (ctx) => every(ctx, () => ctx.gradOfOutput(0)) },
  {
    opType: 'Sum',
    since: 8,
    inputs: [gradients('data_0')],
    build: (ctx) => every(ctx, () => ctx.gradOfOutput(0)),
  },
  {
    opType: 'Mean',
    since: 8,
    inputs: [gradients('data_0')],
    build(ctx) {
      const share = ctx.emit.mul(
        ctx.gradOfOutput(0),
        ctx.emit.scalar(1 / ctx.inputCount(), ctx.typeOfInput(0)),
      );
      return every(ctx, () => share);
    },
  },
  {
    opType: 'Sub',
    since: 7,
    inputs: AB,
    build: (ctx) => every(ctx, (i) => (i === 0 ? ctx.gradOfOutput(0) : ctx.emit.neg(ctx.gradOfOutput(0)))),
  },
  // y = a b: da = dy b, db = dy a
  {
    opType: 'Mul',
    since: 7,
    inputs: AB,
    build: (ctx) => every(ctx, (i) => ctx.emit.mul(ctx.gradOfOutput(0), ctx.input(1 - i))),
  },
  // y = a / b: da = dy / b, db = -dy y / b
  {
    opType: 'Div',
    since: 7,
    inputs: AB,
    build(ctx) {
      const { emit } = ctx;
      return every(ctx, (i) => {
        const scaled = emit.div(ctx.gradOfOutput(0), ctx.input(1));
        return i === 0 ? scaled : emit.neg(emit.mul(scaled, ctx.output(0)));
      });
    },
  },
  // y = x^p: dx = dy p x^(p-1), dp = dy y log x
  {
    opType: 'Pow',
    since: 7,
    inputs: [gradient('X'), gradient('Y')],
    build(ctx) {
      const { emit } = ctx;
      const [x, p, dy] = [ctx.input(0), ctx.input(1), ctx.gradOfOutput(0)];
      const exponent = ctx.typeOfInput(1) === ctx.typeOfInput(0) ? p : emit.cast(p, ctx.typeOfInput(0));
      return every(ctx, (i) => {
        if (i === 1) return emit.mul(dy, emit.mul(ctx.output(0), emit.op('Log', [x])));
        const lower = emit.sub(exponent, emit.scalar(1, ctx.typeOfInput(0)));
        return emit.mul(dy, emit.mul(exponent, emit.op('Pow', [x, lower])));
      });
    },
  },
  extremum('Max'),
  extremum('Min'),
  {
    opType: 'Where',
    since: 9,
    inputs: [discrete('condition'), gradient('X'), gradient('Y')],
    build(ctx) {
      const { emit } = ctx;
      const [condition, dy] = [ctx.input(0), ctx.gradOfOutput(0)];
      const zero = emit.scalar(0, ctx.typeOfInput(1));
      return every(ctx, (i) => emit.op('Where', i === 1 ? [condition, dy, zero] : [condition, zero, dy]));
    },
  },
];
