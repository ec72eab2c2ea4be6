/** Create Lens for This Model: what is known of how it is fed, read and named, as a file beside it that is opened. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { Uri, window } from 'vscode';
import { LENS_SUFFIX } from '../../../protocol/lens';
import { createLens } from '../../../protocol/requests';
import { shownExtensions } from '../model/modelEditor';
import type { Services } from '../services';
import { withJob } from './job';
import { t } from '../l10n';

/** @param clicked the model that was right-clicked, if any */
export async function createLensCommand(services: Services, clicked: unknown): Promise<void> {
  const model = clicked instanceof Uri ? clicked : await pickModel();
  if (model === undefined) return;
  const present = `${model.fsPath.replace(/\.[^./\\]+$/, '')}${LENS_SUFFIX}`;
  if (existsSync(present)) {
    await window.showTextDocument(Uri.file(present));
    void window.showInformationMessage(t('{0} already exists. Nothing was changed.', basename(present)));
    return;
  }
  const title = t('Reading {0}', basename(model.fsPath));
  const written = await withJob(services, title, createLens, { path: model.fsPath });
  if (written === undefined) return;
  await window.showTextDocument(Uri.file(written.path));
  if (written.guesses.length > 0)
    void window.showWarningMessage(guessed(written.guesses.map(({ key }) => key)));
}

const guessed = (keys: readonly string[]): string =>
  keys.length === 1
    ? t('One value was guessed: {0}. Check what is marked “A GUESS”.', keys[0] ?? '')
    : t('{0} values were guessed: {1}. Check what is marked “A GUESS”.', keys.length, keys.join(', '));

async function pickModel(): Promise<Uri | undefined> {
  const chosen = await window.showOpenDialog({
    title: t('Model to create a lens for'),
    openLabel: t('Create Lens'),
    filters: { [t('Models')]: [...shownExtensions] },
  });
  return chosen?.[0];
}
