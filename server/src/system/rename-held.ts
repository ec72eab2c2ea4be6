/** Renames a folder that a reader may have open for a moment: Windows refuses that, and only for as long as it is open. */
import { rename } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** What Windows answers while a file in the folder is open: by a panel that shows a picture, an indexer, a virus scanner. */
const HELD: ReadonlySet<unknown> = new Set(['EPERM', 'EACCES', 'EBUSY']);

/** Some three seconds in all, if the last one is needed. */
const WAITS_MS = [10, 20, 50, 100, 200, 400, 800, 1600];

/** @throws what `rename` throws, on Windows only once it has thrown it for three seconds */
export async function renameHeld(
  from: string,
  to: string,
  { platform = process.platform, move = rename, waits = WAITS_MS } = {},
): Promise<void> {
  for (const wait of platform === 'win32' ? waits : [])
    try {
      await move(from, to);
      return;
    } catch (thrown) {
      if (!HELD.has((thrown as NodeJS.ErrnoException).code)) throw thrown;
      await sleep(wait);
    }
  await move(from, to);
}
