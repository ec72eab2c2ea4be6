/** Gradients of operators that hand their input on: inference-mode Dropout, Identity, casts between float types. */
import type { DifferentiableRule } from '../rule';

export const identityRules: readonly DifferentiableRule[] = [
  { opType: 'Identity', since: 1, build: (ctx) => [ctx.gradOfOutput(0)] },
  {
    opType: 'Dropout',
    since: 7,
    stops: [1, 2],
    build(ctx) {
      if (ctx.constantNumbers(2)?.some((flag) => flag !== 0) === true)
        return ctx.unsupported('it is in training mode');
      return [ctx.gradOfOutput(0)];
    },
  },
  { opType: 'Cast', since: 6, build: (ctx) => [ctx.emit.cast(ctx.gradOfOutput(0), ctx.typeOfInput(0))] },
];
