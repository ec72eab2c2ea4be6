/** The explain graph for the CPU: its passes, and what is done to it once the runtime has optimized it. */
import { explainPasses, type GraphPass } from '../passes';
import { blockedGates } from './gates';

export { keepBlocked } from './reorders';

/** These take gates out of the blocked layout, into weights that vary. */
const PLAIN_GATES: ReadonlySet<string> = new Set([
  'gate-gradient',
  'gate-into-weights',
  'gate-after-into-weights',
  'bias-into-convolution',
]);

/** The passes for a network that is kept in blocks of so many channels. */
export const blockedPasses = (block: number): readonly GraphPass[] => [
  ...explainPasses.filter(({ name }) => !PLAIN_GATES.has(name)),
  blockedGates(block),
];
