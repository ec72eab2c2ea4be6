/** How threads are used for a set: many pictures at once, one thread each, cost less than one picture on many threads. */
import type { MemoryEstimate } from '../../explain/memory';
import type { MemoryLimit } from '../network/memory-limit';
import type { Placement } from './placement';
import { threadCount } from './placement';

export interface Lanes {
  /** Sessions, each in a thread of its own. */
  readonly count: number;
  /** Inside an operator of each of them. */
  readonly threads: number;
}

/** Pictures are prepared by one thread, which cannot feed more sessions than these. */
const MOST_LANES = 8;

/** One lane where one picture has to be fast, or another device computes; else as many as threads and memory allow. */
export function lanesFor(
  { provider, threads, lanes = false }: Placement,
  { bytes }: MemoryEstimate,
  limit: MemoryLimit,
): Lanes {
  const all = threadCount(threads);
  if (!lanes || provider !== 'cpu') return { count: 1, threads: all };
  const count = Math.max(1, Math.min(all, MOST_LANES, Math.floor(limit.bytes / Math.max(bytes, 1))));
  return { count, threads: Math.floor(all / count) };
}
