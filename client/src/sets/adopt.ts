/** Writes the order of classes that an evaluation found into a lens, and takes it back where the reader wants that. */
import { randomUUID } from 'node:crypto';
import { window, workspace } from 'vscode';
import type { Failure } from '../../../protocol/failure';
import { adoptOrder } from '../../../protocol/requests';
import { t } from '../l10n';
import type { Services } from '../services';
import { pickLens } from './pickLens';
import { contentOf, takeBack } from './undo';

export interface AdoptHooks {
  readonly notify: (text: string) => void;
  readonly fail: (failure: Failure) => void;
}

/** @param beside the lens that is offered; null where none is known */
export async function adopt(
  { connection }: Services,
  folder: string,
  beside: string | null,
  { notify, fail }: AdoptHooks,
): Promise<void> {
  const lens = await pickLens(beside);
  if (lens === undefined) return;
  // What is typed and not saved would be lost, or would undo this when it is saved.
  await workspace.textDocuments.find(({ uri, isDirty }) => isDirty && uri.fsPath === lens)?.save();
  const before = await contentOf(lens);
  const adopted = await connection.ask(adoptOrder, { job: randomUUID(), folder, lens });
  if (!adopted.ok) {
    fail(adopted.failure);
    return;
  }
  const written = await contentOf(lens);
  const text = adopted.value.isNew
    ? t('{0} was created with these labels. “Evaluate again” shows the effect.', lens)
    : t('{0} now has these labels. “Evaluate again” shows the effect.', lens);
  notify(text);
  const undo = t('Undo');
  if ((await window.showInformationMessage(text, undo)) !== undo) return;
  const isBack = await takeBack(lens, before, written);
  notify(
    isBack
      ? t('{0} is as it was before.', lens)
      : t('{0} has changed since its labels were written, and stays as it is.', lens),
  );
}
