/**
 * Choosing weights: those in the store and those available for download, with what is known about each;
 * renamed and removed in the same list.
 */
import {
  QuickPickItemKind,
  ThemeIcon,
  Uri,
  env,
  window,
  type QuickInputButton,
  type QuickPickItem,
} from 'vscode';
import {
  downloadModel,
  listModels,
  removeModel,
  renameModel,
  type ModelSummary,
} from '../../../protocol/requests';
import { language, t } from '../l10n';
import { ageOf } from '../reports/age';
import { checkpointExtensions } from '../report/images';
import type { Services } from '../services';
import { change, settings } from '../settings';
import { showFailure } from './failure';
import { importCheckpoint } from './importing';
import { withJob } from './job';

interface Actions {
  readonly rename: QuickInputButton;
  readonly remove: QuickInputButton;
  readonly page: QuickInputButton;
}

type ModelItem = QuickPickItem & { readonly model?: ModelSummary; readonly browse?: true };

/** What the reader did in the list. */
type Picked =
  | { readonly do: 'use' | keyof Actions; readonly model: ModelSummary }
  | { readonly do: 'browse' }
  | { readonly do: 'nothing' };

/**
 * Lists what is available; the choice becomes the setting. After a change of the store, the list is shown
 * again.
 */
export async function selectWeights(services: Services): Promise<void> {
  for (let again = false; ; again = true) {
    const models = await services.connection.ask(listModels, {});
    if (!models.ok) return showFailure(services, models.failure);
    const picked = await pick(models.value, again);
    switch (picked.do) {
      case 'nothing':
        return;
      case 'browse':
        return importCheckpoint(services, undefined);
      case 'page':
        await openPage(picked.model);
        return;
      case 'use':
        return use(services, picked.model);
      case 'rename':
        await rename(services, picked.model);
        break;
      case 'remove':
        await remove(services, picked.model);
        break;
      default:
        picked satisfies never;
    }
  }
}

/** @param again whether it comes back after something was done in it: what had the focus before takes it back meanwhile, and would hide it */
function pick(models: readonly ModelSummary[], again: boolean): Promise<Picked> {
  const actions: Actions = {
    rename: { iconPath: new ThemeIcon('edit'), tooltip: t('Rename') },
    remove: { iconPath: new ThemeIcon('trash'), tooltip: t('Remove from the model store') },
    page: { iconPath: new ThemeIcon('link-external'), tooltip: t('Open the page') },
  };
  const list = window.createQuickPick<ModelItem>();
  list.items = items(models, actions);
  list.ignoreFocusOut = again;
  list.title = t('Weights');
  list.placeholder = t('Current: {0}', settings().weights ?? t('those of the lens'));
  list.matchOnDescription = true;
  list.matchOnDetail = true;
  return new Promise<Picked>((resolve) => {
    list.onDidAccept(() => {
      const [item] = list.selectedItems;
      if (item?.browse) resolve({ do: 'browse' });
      else if (item?.model) resolve({ do: 'use', model: item.model });
      list.hide();
    });
    list.onDidTriggerItemButton(({ item: { model }, button }) => {
      const pressed = (['rename', 'remove', 'page'] as const).find((name) => actions[name] === button);
      if (pressed !== undefined && model !== undefined) resolve({ do: pressed, model });
      list.hide();
    });
    list.onDidHide(() => {
      resolve({ do: 'nothing' });
      list.dispose();
    });
    list.show();
  });
}

function items(models: readonly ModelSummary[], actions: Actions): ModelItem[] {
  const separator = (label: string): ModelItem => ({ label, kind: QuickPickItemKind.Separator });
  const item = (model: ModelSummary): ModelItem => ({
    label: `$(${iconOf(model)}) ${model.title}`,
    description: [model.id, ...(model.untrained ? [t('untrained demo weights')] : [])].join(' · '),
    detail: detailOf(model),
    buttons: [
      ...(model.source === null ? [] : [actions.page]),
      ...(isOfCard(model) ? [] : [actions.rename]),
      ...(model.stored === undefined ? [] : [actions.remove]),
    ],
    model,
  });
  const missing = models.filter((model) => !model.installed);
  return [
    separator(t('Installed')),
    ...models.filter((model) => model.installed && model.task === 'classifier').map(item),
    separator(t('To download')),
    ...missing.filter(({ downloadable }) => downloadable).map(item),
    separator(t('Get by hand')),
    ...missing.filter(({ downloadable }) => !downloadable).map(item),
    separator(t('Face detectors')),
    ...models.filter((model) => model.installed && model.task === 'detector').map(item),
    separator(t('Your own')),
    {
      label: `$(folder-opened) ${t('Import Checkpoint...')}`,
      description: checkpointExtensions.map((name) => `.${name}`).join(' '),
      browse: true,
    },
  ];
}

/** Known weights, in the store or not: they have the title of their card, and keep its id. */
const isOfCard = ({ title, stored }: ModelSummary): boolean => title !== stored?.fileName;

const iconOf = ({ installed, untrained, downloadable }: ModelSummary): string =>
  installed ? (untrained ? 'warning' : 'check') : downloadable ? 'cloud-download' : 'link-external';

/** Network, license, and of the store the file, its size and age; of what is not there where it comes from. */
function detailOf({ task, architecture, license, installed, source, stored }: ModelSummary): string {
  const megabytes = stored && (stored.bytes / 1e6).toLocaleString(language(), { maximumFractionDigits: 1 });
  return [
    task === 'classifier' ? t('classifier') : t('face detector'),
    architecture,
    license === 'unknown' ? t('license unknown') : t('license: {0}', license),
    ...(stored === undefined
      ? []
      : [stored.fileName, `${megabytes ?? ''} MB`, t('imported {0}', ageOf(stored.importedAt, Date.now()))]),
    ...(installed || source === null ? [] : [source]),
  ].join(' · ');
}

async function use(services: Services, model: ModelSummary): Promise<void> {
  if (!model.installed && !model.downloadable) return getByHand(services, model);
  const usable = model.installed
    ? model
    : await withJob(services, t('Downloading {0}', model.title), downloadModel, { id: model.id });
  if (usable?.task === 'classifier') await change('weights', usable.id);
}

/** What no program can fetch: the page to get it from, then the file. */
async function getByHand(services: Services, model: ModelSummary): Promise<void> {
  const [open, pickFile] = [t('Open the Page'), t('Import Checkpoint...')];
  const answer = await window.showInformationMessage(
    t('{0} must be downloaded by hand. Get the file, then import it.', model.title),
    { modal: true, ...(model.source === null ? {} : { detail: model.source }) },
    ...(model.source === null ? [] : [open]),
    pickFile,
  );
  if (answer === open) await openPage(model);
  if (answer === pickFile) await importCheckpoint(services, undefined);
}

async function openPage({ source }: ModelSummary): Promise<void> {
  if (source !== null) await env.openExternal(Uri.parse(source));
}

async function rename(services: Services, { id }: ModelSummary): Promise<void> {
  const to = await window.showInputBox({
    title: t('Rename {0}', id),
    prompt: t('Letters, digits, dots, dashes and underscores; settings and lenses name the model by it.'),
    value: id,
    validateInput: (text) =>
      /^[A-Za-z0-9][\w.-]{0,63}$/.test(text)
        ? null
        : t(
            'A name has up to 64 letters, digits, dots, dashes and underscores, and begins with a letter or digit.',
          ),
  });
  if (to === undefined || to === id) return;
  const renamed = await withJob(services, t('Renaming {0}', id), renameModel, { id, to });
  if (renamed !== undefined && settings().weights === id) await change('weights', to);
}

async function remove(services: Services, { id, title }: ModelSummary): Promise<void> {
  const agreed = t('Remove');
  const detail = [
    t('The file that it was imported from stays where it is.'),
    ...(settings().weights === id ? [t('It is in use: the setting that names it is emptied.')] : []),
  ].join(' ');
  const answer = await window.showWarningMessage(
    t('Remove {0} from the model store?', title),
    { modal: true, detail },
    agreed,
  );
  if (answer !== agreed) return;
  const removed = await withJob(services, t('Removing {0}', id), removeModel, { id });
  if (removed !== undefined && settings().weights === id) await change('weights', '');
}
