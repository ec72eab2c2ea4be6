/** Lists every report that this window makes, and keeps unsaved reports below the size limit in the settings. */
import type { Disposable } from 'vscode';
import { workspace } from 'vscode';
import { EDITOR_SETTINGS, SECTION } from '../../../protocol/options';
import type { Services } from '../services';

export function keepHistory({ analyzer, history, storage, shown, log }: Services): Disposable {
  return analyzer.onFinished(({ report, folder }) => {
    void (async () => {
      await history.record(report, folder);
      const deleted = await storage.keepBelow(limit(), [...(await shown.everywhere()), folder]);
      if (deleted.length === 0) return;
      log.info(`Unsaved reports took more than the limit: ${deleted.length} of the oldest were deleted.`);
      history.refresh();
    })().catch((error: unknown) => {
      log.error(`Reports: ${String(error)}`);
    });
  });
}

/** Bytes. */
const limit = (): number =>
  1e6 * workspace.getConfiguration(SECTION).get<number>('storageLimit', EDITOR_SETTINGS.storageLimit.default);
