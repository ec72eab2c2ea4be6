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
import { t } from '../l10n';

type ModelItem = QuickPickItem & { readonly model?: ModelSummary; readonly browse?: true };

/**
 * Lists the classifiers in the store and those that can be downloaded or imported; the choice becomes the
 * setting.
 */
export async function selectWeights(services: Services): Promise<void> {
  const models = await services.connection.ask(listModels, {});
  if (!models.ok) return showFailure(services, models.failure);
  const chosen = await window.showQuickPick(items(models.value), {
    title: t('Weights'),
    placeHolder: t('Current: {0}', settings().weights ?? t('those of the lens')),
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
    description: [model.id, ...(model.untrained ? [t('untrained demo weights')] : [])].join(' · '),
    detail: [model.task, model.architecture, model.license, model.installed ? null : model.source]
      .filter(Boolean)
      .join(' · '),
    model,
  });
  return [
    separator(t('Installed')),
    ...models.filter((model) => model.installed && model.task === 'classifier').map(item),
    separator(t('To download')),
    ...models.filter((model) => !model.installed).map(item),
    separator(t('Your own')),
    {
      label: `$(folder-opened) ${t('Import Checkpoint...')}`,
      description: checkpointExtensions.map((name) => `.${name}`).join(' '),
      browse: true,
    },
  ];
}

/** Downloads where the card names a place to download from, else says how to get the weights. */
async function fetchModel(services: Services, model: ModelSummary): Promise<ModelSummary | undefined> {
  if (!model.downloadable) {
    const text =
      model.source === null
        ? t('{0} must be downloaded by hand. Get the file, then import it.', model.title)
        : t(
            '{0} must be downloaded by hand. Get the file from {1}, then import it.',
            model.title,
            model.source,
          );
    if ((await window.showInformationMessage(text, t('Import Checkpoint...'))) !== undefined)
      await importCheckpoint(services, undefined);
    return undefined;
  }
  return withJob(services, t('Downloading {0}', model.title), downloadModel, { id: model.id });
}

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
  if (answer === use) await change('weights', model.id);
  if (answer !== another) return;
  const picked = await pickFrom([read ?? '', ...others]);
  if (picked !== null) await importFile(services, path, picked);
}

const dialog = () => ({
  openLabel: t('Import'),
  title: t('Checkpoint to import'),
  filters: { [t('Checkpoints')]: [...checkpointExtensions] },
});
