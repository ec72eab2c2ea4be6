/** The explain graph for the CPU: its passes, and what is done to it once the runtime has optimized it. */
import { explainPasses, type GraphPass } from '../passes';
import { blockedGates } from './gates';
import { transposedWeights } from './transposed-weights';

export { keepBlocked } from './reorders';

/** The passes for a network that is kept in blocks of a given number of channels. */
export const blockedPasses = (block: number): readonly GraphPass[] => [
  ...explainPasses.filter(({ layout }) => layout !== 'plain'),
  blockedGates(block),
  transposedWeights,
];

/** Every pass there is, whatever the layout: for lists. */
export const PLAIN_AND_BLOCKED: readonly Omit<GraphPass, 'rewrite'>[] = [
  ...explainPasses,
  blockedGates(1),
  transposedWeights,
];
