/** Opens sessions of cached graphs, and rebuilds damaged cache entries. */
import { asLensError } from '../../errors';
import type { Session, SessionOptions } from '../../runtime/session';
import type { WaitingThread } from '../../runtime/session-thread';
import { startSessionThread } from '../../runtime/session-thread';
import type { FolderCache } from '../../system/cache';
import type { CachedGraph } from '../network/cached-graph';

/** How a session of a cached graph is made. */
export type OpenCached = (
  graph: Pick<CachedGraph<unknown>, 'modelPath' | 'optimization'>,
) => Promise<Session>;

/** Opens `cached`; an entry that cannot be loaded may be damaged, so it is removed and rebuilt once. */
export async function loadCached<About>(
  cache: FolderCache,
  cached: CachedGraph<About>,
  again: () => Promise<CachedGraph<About>>,
  open: OpenCached,
): Promise<Session> {
  try {
    return await open(cached);
  } catch (thrown) {
    if (asLensError(thrown).kind !== 'model') throw thrown; // the device's fault: the entry is still good
    await cache.remove(cached.key);
    return open(await again());
  }
}

export const inThread =
  (options: SessionOptions, start: () => WaitingThread = startSessionThread): OpenCached =>
  ({ modelPath, optimization }) =>
    start().open(modelPath, { ...options, optimization });
