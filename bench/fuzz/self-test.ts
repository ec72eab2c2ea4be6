/** A kind whose cases do, by their number, what the runner has to notice; not in the list, but can be run by name. */
import { limits } from './limits';
import type { FuzzKind, Outcome } from './kind';

const fine: Outcome = { outcome: 'fine', accepted: true, broken: false };

/** In this order; every later case is fine. */
const faults: readonly (() => Outcome)[] = [
  () => fine,
  () => process.abort(),
  () => {
    const end = process.cpuUsage().user + (limits.seconds + 0.2) * 1e6;
    let spent = 0;
    while (process.cpuUsage().user < end) for (let i = 0; i < 1e7; i++) spent += i % 3;
    return { ...fine, outcome: `fine${spent < 0 ? '?' : ''}` };
  },
  () => ({ ...fine, outcome: `took ${Buffer.alloc(limits.bytes + 2 ** 25, 1).length} bytes` }),
  () => {
    throw new TypeError('no entry 2.5 in a list');
  },
  () => ({ outcome: 'a wrong number', accepted: true, broken: true }),
];

export const selfTest: FuzzKind = {
  name: 'self-test',
  about: 'faults of every kind that the runner has to notice',
  cases: faults.length + 1,
  open: () =>
    Promise.resolve({
      make: (_, folder) => Promise.resolve({ sample: 'nothing', path: folder }),
      attempt: ({ path }) => Promise.resolve((faults[Number(path.split(/[\\/]/).at(-1))] ?? (() => fine))()),
    }),
};
