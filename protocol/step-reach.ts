/** The range of values that steps leave a picture in, whatever it shows: interval arithmetic. Parameters are filled in. */
import type { Given } from './step-conflicts';

/** [least, greatest] over all channels. */
export type Reach = readonly [least: number, greatest: number];

/** What a blend of a plane and its approximation, whose gain is 2, can reach. */
const WAVELET_GAIN = 1.5;

export const waveletReach = ([least, greatest]: Reach): Reach => [least, greatest * WAVELET_GAIN];

export function rescaleReach([least, greatest]: Reach, { factor, offset }: Given): Reach {
  const ends = [least, greatest].map((value) => value * Number(factor) + Number(offset));
  return [Math.min(...ends), Math.max(...ends)];
}

export function normalizeReach([least, greatest]: Reach, { mean, std }: Given): Reach {
  const [means, deviations] = [[mean].flat().map(Number), [std].flat().map(Number)];
  const ends = Array.from({ length: Math.max(means.length, deviations.length) }, (_, channel) => {
    const [m = 0, d = 1] = [means[channel] ?? means[0], deviations[channel] ?? deviations[0]];
    return [(least - m) / d, (greatest - m) / d];
  }).flat();
  return [Math.min(...ends), Math.max(...ends)];
}
