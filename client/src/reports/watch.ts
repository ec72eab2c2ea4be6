/** Sees what other windows add to, rename in and remove from a folder that all share. */
import { mkdirSync, watch } from 'node:fs';

/** One change of a report is several of files, milliseconds apart. */
const TOGETHER = 50;

/** Where a folder cannot be watched (some network drives, too many watchers), nothing is seen: the view looks again by itself. */
export function watchFolder(folder: string, changed: () => void): { readonly dispose: () => void } {
  let waiting: NodeJS.Timeout | undefined;
  const soon = () => {
    waiting ??= setTimeout(() => {
      waiting = undefined;
      changed();
    }, TOGETHER);
  };
  try {
    mkdirSync(folder, { recursive: true });
    const watcher = watch(folder, { persistent: false }, soon);
    watcher.on('error', () => watcher.close());
    return {
      dispose: () => {
        clearTimeout(waiting);
        watcher.close();
      },
    };
  } catch {
    return { dispose: () => undefined };
  }
}
