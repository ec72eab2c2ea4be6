/** Gradients of reductions: dy is spread over the axes that were reduced away. */
import type { Emitter } from '../emitter';
import type { DataType } from '../../onnx/model';
import { discrete, gradient } from '../ports';
import type { DifferentiableRule, GradientContext } from '../rule';
import { at } from '../window';

interface Reduced {
  readonly e: Emitter;
  readonly x: string;
  readonly type: DataType;
  /** y and dy with the reduced axes kept as 1, so that both broadcast against x. */
  readonly y: string;
  readonly dy: string;
  readonly axes: readonly number[];
  /** Number of elements that one output element reduces. */
  readonly count: number;
}

/**
 * A rule from dx, which may have any shape that broadcasts to x. Axes are an attribute up to opset 17 (ReduceSum: 12)
 * and an input after; where both are absent every axis is reduced, unless `noop_with_empty_axes`.
 */
function reduction(opType: string, adjoint: (r: Reduced) => string, full = true): DifferentiableRule {
  return {
    opType,
    since: 1,
    inputs: [gradient('data'), discrete('axes')],
    build(ctx) {
      const shape = ctx.shapeOfInput(0);
      const axes = reducedAxes(ctx, shape.length);
      const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
      const keepdims = ctx.int('keepdims', 1) === 1;
      const aligned = (tensor: string): string => (keepdims ? tensor : ctx.emit.reshape(tensor, kept));
      const dx = adjoint({
        e: ctx.emit,
        x: ctx.input(0),
        type: ctx.typeOfInput(0),
        y: aligned(ctx.output(0)),
        dy: aligned(ctx.gradOfOutput(0)),
        axes,
        count: axes.reduce((n, axis) => n * at(shape, axis), 1),
      });
      return [full ? dx : ctx.emit.expand(dx, shape)];
    },
  };
}

function reducedAxes(ctx: GradientContext, rank: number): readonly number[] {
  const given = ctx.ints('axes') ?? ctx.constantNumbers(1) ?? [];
  if (given.length > 0) return given.map((axis) => (axis < 0 ? axis + rank : axis));
  return ctx.int('noop_with_empty_axes', 0) === 1 ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

/** The gradient goes to the elements that equal the extremum, shared equally among ties (as PyTorch's amax and amin). */
const extremum = ({ e, x, y, dy, axes, type }: Reduced): string => {
  const hits = e.indicator(e.op('Equal', [x, y]), type);
  return e.mul(hits, e.div(dy, e.reduce('ReduceSum', hits, axes)));
};

/**
 * y = product x: dx_i is dy times the product of the others. That is p / x_i where no element is 0, p at the only element that is 0,
 * and else 0, where p is the product of the elements that are not 0.
 */
const productGradient = ({ e, x, dy, axes, type }: Reduced): string => {
  const [zero, one] = [0, 1].map((value) => e.scalar(value, type)) as [string, string];
  const isZero = e.op('Equal', [x, zero]);
  const factors = e.op('Where', [isZero, one, x]);
  const p = e.reduce('ReduceProd', factors, axes);
  const zeros = e.reduce('ReduceSum', e.indicator(isZero, type), axes);
  const atZero = e.op('Where', [e.op('Equal', [zeros, one]), p, zero]);
  const elsewhere = e.op('Where', [e.op('Equal', [zeros, zero]), e.div(p, factors), zero]);
  return e.mul(dy, e.op('Where', [isZero, atZero, elsewhere]));
};

export const reductionRules: readonly DifferentiableRule[] = [
  reduction('ReduceSum', ({ dy }) => dy, false),
  reduction('ReduceMean', ({ e, dy, count, type }) => e.mul(dy, e.scalar(1 / count, type)), false),
  reduction('ReduceMax', extremum),
  reduction('ReduceMin', extremum),
  // y = sum x^2: dx = 2 x dy
  reduction('ReduceSumSquare', ({ e, x, dy, type }) => e.mul(x, e.mul(e.scalar(2, type), dy))),
  // y = sqrt(sum x^2): dx = x dy / y; 0 where y is, as PyTorch's norm
  reduction('ReduceL2', ({ e, x, y, dy, type }) => {
    const zero = e.scalar(0, type);
    return e.mul(x, e.op('Where', [e.op('Equal', [y, zero]), zero, e.div(dy, y)]));
  }),
  reduction('ReduceL1', ({ e, x, dy }) => e.mul(e.op('Sign', [x]), dy)),
  reduction('ReduceProd', productGradient),
  // y = log sum exp x: dx = exp(x - y) dy
  reduction('ReduceLogSumExp', ({ e, x, y, dy }) => e.mul(e.op('Exp', [e.sub(x, y)]), dy)),
];
