/**
 * The range of values that a list of steps maps 8-bit pixels to, whatever the picture: each step declares
 * what it does to the bounds.
 */
import type { Reach } from '../../../protocol/step-reach';
import type { FilledStep } from '../../../protocol/steps';
import { STEPS, type StepDeclaration } from '../../../protocol/steps';

const PIXELS: Reach = [0, 255];

export const reachOf = (steps: readonly FilledStep[]): Reach =>
  steps.reduce<Reach>((from, step) => {
    const { reach }: StepDeclaration = STEPS[step.step];
    return reach?.(from, step) ?? from;
  }, PIXELS);

/** Moves the middle of the values: a mean that is subtracted, or a rescale such as `x / 127.5 - 1`. A deviation alone does not. */
export const centers = (step: FilledStep): boolean =>
  step.step === 'normalize'
    ? [step.mean].flat().some((mean) => mean !== 0)
    : step.step === 'rescale' && step.offset !== 0;
