/**
 * A report that was changed in place, such as to another target: the new one replaces it in the list, and an
 * unsaved one is deleted.
 */
import type { History } from './history';
import type { ReportStorage } from './storage';

/**
 * @param before report folder that was in view
 * @param shown report folders that are in view now
 */
export async function supersede(
  {
    history,
    storage,
  }: {
    readonly history: Pick<History, 'supersede'>;
    readonly storage: Pick<ReportStorage, 'holds' | 'delete'>;
  },
  before: string,
  now: string,
  shown: readonly string[],
): Promise<void> {
  if (before === now || !storage.holds(before) || shown.includes(before)) return;
  await history.supersede(before, now);
  await storage.delete(before);
}
