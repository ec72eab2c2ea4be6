/** Gradients of ScatterElements and ScatterND that multiply, or keep the largest or smallest: each place has one or more factors. */
import type { GradientContext } from '../rule';

/** Placing at the node's indices, and picking from there. */
export interface Scatter {
  readonly put: (data: string, updates: string, reduction: string) => string;
  readonly pick: (data: string) => string;
}

export function scatterOf(ctx: GradientContext, opType: 'ScatterElements' | 'ScatterND'): Scatter {
  const { emit } = ctx;
  const along = opType === 'ScatterElements' ? { axis: ctx.int('axis', 0) } : {};
  const gather = opType === 'ScatterElements' ? 'GatherElements' : 'GatherND';
  return {
    put: (data, updates, reduction) =>
      emit.op(opType, [data, ctx.input(1), updates], { ...along, reduction }),
    pick: (data) => emit.op(gather, [data, ctx.input(1)], along),
  };
}

/** dy goes to whatever equals the extremum, shared equally among ties (as PyTorch's amax and amin). */
export function extremumGradients(ctx: GradientContext, { put, pick }: Scatter): (string | undefined)[] {
  const { emit } = ctx;
  const type = ctx.typeOfInput(0);
  const y = ctx.output(0);
  const equals = (a: string, b: string): string => emit.indicator(emit.op('Equal', [a, b]), type);
  const [own, placed] = [equals(ctx.input(0), y), equals(ctx.input(2), pick(y))];
  const share = emit.div(ctx.gradOfOutput(0), put(own, placed, 'add'));
  return [emit.mul(own, share), undefined, emit.mul(placed, pick(share))];
}

/**
 * y is the product of a place's factors, and dy times the product of the others goes to each: y / factor where none is zero; where
 * one is, it alone receives the product of the others.
 */
export function productGradients(ctx: GradientContext, { put, pick }: Scatter): (string | undefined)[] {
  const { emit } = ctx;
  const type = ctx.typeOfInput(0);
  const [zero, one] = [emit.scalar(0, type), emit.scalar(1, type)];
  const [x, u] = [ctx.input(0), ctx.input(2)];
  const isZero = (t: string): string => emit.op('Equal', [t, zero]);
  const filled = (t: string): string => emit.op('Where', [isZero(t), one, t]);
  const zeros = put(emit.indicator(isZero(x), type), emit.indicator(isZero(u), type), 'add');
  const product = put(filled(x), filled(u), 'mul');
  const share = emit.mul(ctx.gradOfOutput(0), product);
  /** Zeros among the other factors: those of the place without the factor itself. */
  const others = (t: string, count: string): string => emit.sub(count, emit.indicator(isZero(t), type));
  const gradientOf = (t: string, through: (place: string) => string): string =>
    emit.op('Where', [
      emit.op('Equal', [others(t, through(zeros)), zero]),
      emit.div(through(share), filled(t)),
      zero,
    ]);
  return [
    ctx.needs(0) ? gradientOf(x, (place) => place) : undefined,
    undefined,
    ctx.needs(2) ? gradientOf(u, pick) : undefined,
  ];
}
