/** Between which values a list of steps leaves 8-bit pixels, whatever the picture: arithmetic on the bounds alone. */
import type { FilledStep } from '../../../protocol/steps';

/** [least, greatest] over all channels. */
export type Reach = readonly [least: number, greatest: number];

const PIXELS: Reach = [0, 255];

/** What a blend of a plane and its approximation, whose gain is 2, can reach. */
const WAVELET_GAIN = 1.5;

const bounds = (values: readonly number[]): Reach => [Math.min(...values), Math.max(...values)];

export const reachOf = (steps: readonly FilledStep[]): Reach => steps.reduce(after, PIXELS);

function after([least, greatest]: Reach, step: FilledStep): Reach {
  const map = (f: (value: number, channel: number) => number, channels = 1): Reach =>
    bounds(Array.from({ length: channels }, (_, c) => [f(least, c), f(greatest, c)]).flat());
  switch (step.step) {
    case 'rescale':
      return map((value) => value * step.factor + step.offset);
    case 'normalize': {
      const { mean, std } = step;
      const of = (values: number | readonly number[], c: number): number =>
        typeof values === 'number' ? values : (values[c] ?? 0);
      const channels = Math.max([mean].flat().length, [std].flat().length);
      return map((value, c) => (value - of(mean, c)) / of(std, c), channels);
    }
    case 'wavelet':
      return [least, greatest * WAVELET_GAIN];
    case 'resize':
    case 'crop':
    case 'pad':
    case 'jpeg':
    case 'channels':
      return [least, greatest];
  }
}

/** Moves the middle of the values: a mean that is subtracted, or a rescale such as `x / 127.5 - 1`. A deviation alone does not. */
export const centers = (step: FilledStep): boolean =>
  step.step === 'normalize'
    ? [step.mean].flat().some((mean) => mean !== 0)
    : step.step === 'rescale' && step.offset !== 0;
