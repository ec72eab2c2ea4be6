/**
 * A report that was changed in place, such as to another target: the new one replaces it in the list, and an
 * unsaved one is deleted.
 */
import type { History } from './history';
import type { ShownReports } from './shown';
import type { ReportStorage } from './storage';

/** @param before report folder that was in view */
export async function supersede(
  {
    history,
    storage,
    shown,
  }: {
    readonly history: Pick<History, 'supersede'>;
    readonly storage: Pick<ReportStorage, 'holds' | 'delete'>;
    readonly shown: Pick<ShownReports, 'everywhere'>;
  },
  before: string,
  now: string,
): Promise<void> {
  if (before === now || !storage.holds(before) || (await shown.everywhere()).includes(before)) return;
  history.supersede(before, now);
  await storage.delete(before);
}
