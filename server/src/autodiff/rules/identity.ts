/** Gradients of operators that hand their input on: inference-mode Dropout, Identity, casts between float types. */
import { discrete, flat, gradient } from '../ports';
import type { DifferentiableRule, GradientContext } from '../rule';

/** Since opset 12 an input switches training on: a new random mask at every run, unless nothing is dropped. */
function refuseTraining(ctx: GradientContext): void {
  const training = ctx.constantNumbers(2)?.[0] ?? 0;
  if (training !== 0 && (ctx.constantNumbers(1)?.[0] ?? 0.5) !== 0)
    ctx.unsupported('it is in training mode, where it draws a new random mask at every run');
}

export const identityRules: readonly DifferentiableRule[] = [
  { opType: 'Identity', since: 1, inputs: [gradient('input')], build: (ctx) => [ctx.gradOfOutput(0)] },
  {
    opType: 'Dropout',
    since: 7,
    inputs: [gradient('data'), flat('ratio', 'nothing is dropped in inference'), discrete('training_mode')],
    // Up to opset 9 the mask has the type of the data.
    outputs: [gradient('output'), flat('mask', 'nothing is dropped in inference')],
    build(ctx) {
      refuseTraining(ctx);
      return [ctx.gradOfOutput(0)];
    },
  },
  {
    opType: 'Cast',
    since: 6,
    inputs: [gradient('input')],
    build: (ctx) => [ctx.emit.cast(ctx.gradOfOutput(0), ctx.typeOfInput(0))],
  },
];
