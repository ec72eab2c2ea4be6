/** Importing weights: a file that is recognized and kept in the model store, then how pictures are prepared for it. */
import { basename } from 'node:path';
import { Uri, window } from 'vscode';
import { importModel, type ModelSummary } from '../../../protocol/requests';
import { t } from '../l10n';
import { checkpointExtensions } from '../report/images';
import type { Services } from '../services';
import { change } from '../settings';
import { selectLens } from './choices';
import { showFailure } from './failure';
import { askWithProgress } from './job';
import { pickFrom, pickStateDict, stateDictsIn } from './stateDict';

/** @param clicked the checkpoint that was right-clicked, if any */
export async function importCheckpoint(services: Services, clicked: unknown): Promise<void> {
  const uri = clicked instanceof Uri ? clicked : (await window.showOpenDialog(dialog()))?.[0];
  if (!uri) return;
  await importFile(services, uri.fsPath, null);
}

/** @param stateDict of a file that holds several; null takes the usual one */
async function importFile(services: Services, path: string, stateDict: string | null): Promise<void> {
  const title = t('Importing {0}', basename(path));
  const outcome = await askWithProgress(services, title, importModel, { path, id: null, stateDict });
  if (!outcome.ok) {
    const picked = await pickStateDict(outcome.failure);
    if (picked !== null) return importFile(services, path, picked);
    if (stateDictsIn(outcome.failure).length === 0) await showFailure(services, outcome.failure);
    return;
  }
  const model = outcome.value;
  if (model.task !== 'classifier') {
    void window.showInformationMessage(
      t('{0} is imported ({1}). It is now used to find faces.', model.title, model.architecture),
    );
    return;
  }
  const use = t('Use These Weights');
  const { read, others } = model.stateDicts ?? { read: null, others: [] };
  const several = stateDict === null && others.length > 0;
  const text = several
    ? t('{0} is imported ({1}). Its state dict “{2}” is read.', model.title, model.architecture, read ?? '')
    : t('{0} is imported ({1}).', model.title, model.architecture);
  const another = t('Another State Dict...');
  const answer = await window.showInformationMessage(text, use, ...(several ? [another] : []));
  if (answer === use) {
    await change('weights', model.id);
    await askPreparation(model);
  }
  if (answer !== another) return;
  const picked = await pickFrom([read ?? '', ...others]);
  if (picked !== null) await importFile(services, path, picked);
}

/** How pictures are prepared for new weights: what their file and network imply, or a lens that the reader chooses. */
async function askPreparation({ id }: ModelSummary): Promise<void> {
  const choose = t('Choose a lens...');
  const items = [
    {
      label: t('As the file and its network imply'),
      detail: t('The report names each value and who says it.'),
    },
    { label: choose, detail: t('Built in, or a file: how pictures are cut out, resized and normalized.') },
  ];
  const title = t('How are pictures prepared for {0}?', id);
  if ((await window.showQuickPick(items, { title }))?.label === choose) await selectLens();
}

const dialog = () => ({
  openLabel: t('Import'),
  title: t('Checkpoint to import'),
  filters: { [t('Checkpoints')]: [...checkpointExtensions] },
});
