/** The explain graph for the CPU: its passes, and what is done after the runtime has optimized it. */
import { explainPasses, type GraphPass } from '../passes';
import { blockedGates } from './gates';
import { geluParts } from './gelu-parts';
import { blockedResults } from './layer-results';
import { maxPoolGradient } from './max-pool-gradient';
import { reluMask } from './relu-mask';
import { relu6Mask } from './relu6-mask';
import { stridedAdjoint } from './strided-adjoint';
import { transposedWeights } from './transposed-weights';

export { kernelsApart } from './own-kernels';
export { keepBlocked } from './reorders';

/** Passes that do not depend on the number of channels in a block. */
const ON_THE_CPU: readonly GraphPass[] = [reluMask, maxPoolGradient, geluParts, transposedWeights];

/** The passes for a layout in blocks of a given number of channels. */
export const blockedPasses = (block: number): readonly GraphPass[] => [
  stridedAdjoint(block),
  ...explainPasses.filter(({ layout }) => layout !== 'plain'),
  blockedGates(block),
  relu6Mask(block),
  blockedResults(block),
  ...ON_THE_CPU,
];

/** Every pass of either layout, for listing. */
export const PLAIN_AND_BLOCKED: readonly Omit<GraphPass, 'rewrite'>[] = [
  stridedAdjoint(1),
  ...explainPasses,
  blockedGates(1),
  relu6Mask(1),
  blockedResults(1),
  ...ON_THE_CPU,
];
