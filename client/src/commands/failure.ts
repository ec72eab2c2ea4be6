/** A failure as a message of the editor: what happened, what to do, and the log one click away. */
import { window } from 'vscode';
import type { Failure } from '../../../protocol/failure';
import type { Services } from '../services';
import { t } from '../l10n';

export async function showFailure({ log }: Services, failure: Failure): Promise<void> {
  if (failure.kind === 'cancelled') return;
  log.error(`${failure.message} [${failure.code}]`);
  const text = [failure.message, failure.fix, `[${failure.code}]`].filter((part) => part !== null).join(' ');
  const show = t('Show Log');
  if ((await window.showErrorMessage(text, show)) === show) log.show();
}
