/** Create Lens for This Model: what is known of how it is fed, read and named, as a file beside it that is opened. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { Uri, window } from 'vscode';
import { LENS_SUFFIX } from '../../../protocol/lens';
import { createLens } from '../../../protocol/requests';
import { shownExtensions } from '../model/modelEditor';
import type { Services } from '../services';
import { withJob } from './job';

/** @param clicked the model that was right-clicked, if any */
export async function createLensCommand(services: Services, clicked: unknown): Promise<void> {
  const model = clicked instanceof Uri ? clicked : await pickModel();
  if (model === undefined) return;
  const present = `${model.fsPath.replace(/\.[^./\\]+$/, '')}${LENS_SUFFIX}`;
  if (existsSync(present)) {
    await window.showTextDocument(Uri.file(present));
    void window.showInformationMessage(`${basename(present)} already exists. Nothing was changed.`);
    return;
  }
  const title = `Reading ${basename(model.fsPath)}`;
  const written = await withJob(services, title, createLens, { path: model.fsPath });
  if (written === undefined) return;
  await window.showTextDocument(Uri.file(written.path));
  if (written.guesses.length > 0)
    void window.showWarningMessage(
      `${written.guesses.length === 1 ? 'One value was' : `${written.guesses.length} values were`} guessed: ` +
        `${written.guesses.map(({ key }) => key).join(', ')}. Check what is marked “A GUESS”.`,
    );
}

async function pickModel(): Promise<Uri | undefined> {
  const chosen = await window.showOpenDialog({
    title: 'Model to create a lens for',
    openLabel: 'Create Lens',
    filters: { Models: [...shownExtensions] },
  });
  return chosen?.[0];
}
