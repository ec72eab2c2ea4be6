/** Lists every report that this window makes, and keeps unsaved reports below the size limit in the settings. */
import type { Disposable } from 'vscode';
import { workspace } from 'vscode';
import { EDITOR_SETTINGS, SECTION } from '../../../protocol/options';
import type { Services } from '../services';

export function keepHistory({
  analyzer,
  history,
  storage,
  deleted: aside,
  shown,
  log,
}: Services): Disposable {
  const failed = (error: unknown) => log.error(`Reports: ${String(error)}`);
  void aside.sweep().catch(failed);
  return analyzer.onFinished(({ report, folder }) => {
    void (async () => {
      history.record(report, folder);
      if (!aside.isEmpty) {
        const stored = (await storage.list()).reduce((sum, { bytes }) => sum + bytes, 0);
        await aside.keepBelow(limit() - stored);
      }
      const deleted = await storage.keepBelow(limit(), [...(await shown.everywhere()), folder]);
      if (deleted.length === 0) return;
      log.info(`Unsaved reports took more than the limit: ${deleted.length} of the oldest were deleted.`);
      history.forget(history.within(deleted.map(({ folder }) => folder)));
    })().catch(failed);
  });
}

/** Bytes. */
const limit = (): number =>
  1e6 * workspace.getConfiguration(SECTION).get<number>('storageLimit', EDITOR_SETTINGS.storageLimit.default);
