/** A failure as a message of the editor: what happened, what to do, and the log one click away. */
import { window } from 'vscode';
import type { Failure } from '../../../protocol/failure';
import type { Services } from '../services';

export async function showFailure({ log }: Services, failure: Failure): Promise<void> {
  if (failure.kind === 'cancelled') return;
  log.error(failure.message);
  const text = failure.fix === null ? failure.message : `${failure.message} ${failure.fix}`;
  if ((await window.showErrorMessage(text, 'Show Log')) === 'Show Log') log.show();
}
