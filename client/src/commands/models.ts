/** Choosing, downloading and importing weights. */
import { basename } from 'node:path';
import { QuickPickItemKind, Uri, window, type QuickPickItem } from 'vscode';
import { downloadModel, importModel, listModels, type ModelSummary } from '../../../protocol/requests';
import { checkpointExtensions } from '../report/images';
import type { Services } from '../services';
import { change, settings } from '../settings';
import { showFailure } from './failure';
import { askWithProgress, withJob } from './job';
import { pickFrom, pickStateDict, stateDictsIn } from './stateDict';

type ModelItem = QuickPickItem & { readonly model?: ModelSummary; readonly browse?: true };

/**
 * Lists the classifiers in the store and those that can be downloaded or imported; the choice becomes the
 * setting.
 */
export async function selectWeights(services: Services): Promise<void> {
  const models = await services.connection.ask(listModels, {});
  if (!models.ok) return showFailure(services, models.failure);
  const chosen = await window.showQuickPick(items(models.value), {
    title: 'Weights',
    placeHolder: `Current: ${settings().weights ?? 'pipeline default'}`,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (chosen?.browse) return importCheckpoint(services, undefined);
  if (!chosen?.model) return;
  const { model } = chosen;
  const usable = model.installed ? model : await fetchModel(services, model);
  if (usable?.task === 'classifier') await change('weights', usable.id);
}

function items(models: readonly ModelSummary[]): ModelItem[] {
  const separator = (label: string): ModelItem => ({ label, kind: QuickPickItemKind.Separator });
  const item = (model: ModelSummary): ModelItem => ({
    label: `${model.installed ? (model.untrained ? '$(warning)' : '$(check)') : '$(cloud-download)'} ${model.title}`,
    description: `${model.id}${model.untrained ? ' · untrained demo weights' : ''}`,
    detail: [model.task, model.architecture, model.license, model.installed ? null : model.source]
      .filter(Boolean)
      .join(' · '),
    model,
  });
  return [
    separator('Installed'),
    ...models.filter((model) => model.installed && model.task === 'classifier').map(item),
    separator('To download'),
    ...models.filter((model) => !model.installed).map(item),
    separator('Your own'),
    {
      label: '$(folder-opened) Import Checkpoint...',
      description: checkpointExtensions.map((name) => `.${name}`).join(' '),
      browse: true,
    },
  ];
}

/** Downloads where the card names a place to download from, else says how to get the weights. */
async function fetchModel(services: Services, model: ModelSummary): Promise<ModelSummary | undefined> {
  if (!model.downloadable) {
    const where = model.source === null ? '' : ` from ${model.source}`;
    const text = `${model.title} must be downloaded by hand. Get the file${where}, then import it.`;
    if ((await window.showInformationMessage(text, 'Import Checkpoint...')) !== undefined)
      await importCheckpoint(services, undefined);
    return undefined;
  }
  return withJob(services, `Downloading ${model.title}`, downloadModel, { id: model.id });
}

/** @param clicked the checkpoint that was right-clicked, if any */
export async function importCheckpoint(services: Services, clicked: unknown): Promise<void> {
  const uri = clicked instanceof Uri ? clicked : (await window.showOpenDialog(dialog))?.[0];
  if (!uri) return;
  await importFile(services, uri.fsPath, null);
}

/** @param stateDict of a file that holds several; null takes the usual one */
async function importFile(services: Services, path: string, stateDict: string | null): Promise<void> {
  const title = `Importing ${basename(path)}`;
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
      `${model.title} is imported (${model.architecture}). It is now used to find faces.`,
    );
    return;
  }
  const use = 'Use These Weights';
  const { read, others } = model.stateDicts ?? { read: null, others: [] };
  const several = stateDict === null && others.length > 0;
  const which = several ? ` Its state dict “${read}” is read.` : '';
  const text = `${model.title} is imported (${model.architecture}).${which}`;
  const another = 'Another State Dict...';
  const answer = await window.showInformationMessage(text, use, ...(several ? [another] : []));
  if (answer === use) await change('weights', model.id);
  if (answer !== another) return;
  const picked = await pickFrom([read ?? '', ...others]);
  if (picked !== null) await importFile(services, path, picked);
}

const dialog = {
  openLabel: 'Import',
  title: 'Checkpoint to import',
  filters: { Checkpoints: [...checkpointExtensions] },
};
