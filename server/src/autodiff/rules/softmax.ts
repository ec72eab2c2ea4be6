/** Gradients of Softmax and LogSoftmax. */
import { gradient } from '../ports';
import type { DifferentiableRule, GradientContext } from '../rule';

/**
 * The normalized axes. Since opset 13 one axis; before, everything from `axis` on was flattened to one ("coerced to 2-D").
 * A sum over these axes is the sum over the flattened one, so both versions share their formulas.
 */
function normalizedAxes(ctx: GradientContext): readonly number[] {
  const rank = ctx.shapeOfInput(0).length;
  const given = ctx.int('axis', ctx.opset >= 13 ? -1 : 1);
  const axis = given < 0 ? given + rank : given;
  return ctx.opset >= 13 ? [axis] : Array.from({ length: rank - axis }, (_, i) => axis + i);
}

export const softmaxRules: readonly DifferentiableRule[] = [
  // dx = y (dy - sum(dy y))
  {
    opType: 'Softmax',
    since: 1,
    inputs: [gradient('input')],
    build(ctx) {
      const { emit } = ctx;
      const [y, dy] = [ctx.output(0), ctx.gradOfOutput(0)];
      const along = emit.reduce('ReduceSum', emit.mul(dy, y), normalizedAxes(ctx));
      return [emit.mul(y, emit.sub(dy, along))];
    },
  },
  // dx = dy - exp(y) sum(dy)
  {
    opType: 'LogSoftmax',
    since: 1,
    inputs: [gradient('input')],
    build(ctx) {
      const { emit } = ctx;
      const dy = ctx.gradOfOutput(0);
      const along = emit.reduce('ReduceSum', dy, normalizedAxes(ctx));
      return [emit.sub(dy, emit.mul(emit.op('Exp', [ctx.output(0)]), along))];
    },
  },
];
