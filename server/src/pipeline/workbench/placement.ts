/** Where networks run: the provider, its threads, and the session options for it. */
import { availableParallelism } from 'node:os';
import type { Provider, SessionOptions } from '../../runtime/session';

export interface Placement {
  readonly provider: Provider;
  readonly threads: number | null;
  /** See `SessionOptions`. */
  readonly spinning?: boolean;
  /** Pictures come one after another, and several are computed at once: see lanes.ts. */
  readonly lanes?: boolean;
}

export const sessionOptions = ({ provider, threads, spinning = true }: Placement): SessionOptions => ({
  provider,
  spinning,
  threads: threadCount(threads),
});

/** Always passed to the runtime: its own choice cannot be queried, and the report states what ran. */
export const threadCount = (threads: number | null): number => threads ?? availableParallelism();
