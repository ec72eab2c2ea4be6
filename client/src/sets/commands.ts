/** Evaluate Folder...: which set, which network, and whether heatmaps are measured; and Open Evaluation... */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { Uri, window, type QuickPickItem } from 'vscode';
import type { AnalysisOptions } from '../../../protocol/options';
import { checkpointExtensions } from '../report/images';
import { isDirectory } from '../report/paths';
import { settings } from '../settings';
import { ageOf } from '../reports/age';
import type { Services } from '../services';
import type { Evaluations } from './evaluations';
import { setName } from './places';
import { pickWho } from './queue';
import { t } from '../l10n';

/** Sets that a file lists; also in the manifest. */
const manifests = ['csv', 'tsv', 'jsonl', 'ndjson', 'json'] as const;

/** Also in the manifest. */
const videos = [
  'mp4',
  'm4v',
  'mov',
  'mkv',
  'webm',
  'avi',
  'mpg',
  'mpeg',
  'mts',
  'm2ts',
  'wmv',
  'flv',
  'ogv',
  '3gp',
  '3g2',
  'mxf',
] as const;

/** @param clicked what was right-clicked, if anything */
export async function evaluateFolder(evaluations: Evaluations, clicked: unknown): Promise<void> {
  const source = clicked instanceof Uri ? clicked : await pickSet();
  if (source === undefined) return;
  if (source.scheme !== 'file') {
    void window.showErrorMessage(t('{0} is not on this machine, so it cannot be evaluated.', source.path));
    return;
  }
  const path = source.fsPath;
  if (isEvaluation(path)) {
    evaluations.show(path);
    return;
  }
  const weights = await pickNetwork(path);
  if (weights === undefined) return;
  const layers = await pickLayers();
  if (layers === undefined) return;
  const options: Partial<AnalysisOptions> = { ...(weights === null ? {} : { weights }), layers };
  const byQueue = await pickWho(path, videos);
  if (byQueue === undefined) return;
  const output = evaluations.places.outputFor({ source: path, options });
  evaluations.run({ source: path, options, output, byQueue });
}

export async function openEvaluation(evaluations: Evaluations): Promise<void> {
  const stored = await evaluations.places.list();
  const items = stored.map(({ folder, written }) => ({
    label: setName(folder),
    description: ageOf(written.toISOString(), Date.now()),
    folder,
  }));
  const other = {
    label: t('Another folder...'),
    description: t('written by `inference-lens evaluate`'),
    folder: null,
  };
  const chosen = items.length === 0 ? other : await window.showQuickPick([...items, other]);
  if (chosen === undefined) return;
  const folder = chosen.folder ?? (await pickFolder(t('Folder of an evaluation'), t('Open')))?.fsPath;
  if (folder === undefined) return;
  const inside = join(folder, 'evaluation');
  evaluations.show(!isEvaluation(folder) && isEvaluation(inside) ? inside : folder);
}

/** The sample that comes along: a network that looks at a watermark instead of the shapes. */
export async function trySet({ context }: Services, evaluations: Evaluations): Promise<void> {
  const inSample = (...names: readonly string[]) =>
    Uri.joinPath(context.extensionUri, 'samples', 'watermark', ...names).fsPath;
  const choices = [
    {
      label: t('The network trained with the watermark'),
      detail: t('Every square in its training set bears a watermark.'),
      file: 'cheater.onnx',
    },
    {
      label: t('The repaired network'),
      detail: t('In its training set, a coin flip decided which pictures bear the mark.'),
      file: 'repaired.onnx',
    },
  ];
  const chosen = await window.showQuickPick(choices, {
    title: t('Circles and squares: 60 pictures, half with a watermark'),
  });
  if (chosen === undefined) return;
  const options = { weights: inSample(chosen.file), layers: 'last' };
  const source = inSample('pictures');
  evaluations.run({
    source,
    options,
    output: evaluations.places.outputFor({ source, options }),
    byQueue: false,
  });
}

const isEvaluation = (folder: string): boolean =>
  ['head.json', 'rows.jsonl', 'summary.json'].every((name) => existsSync(join(folder, name)));

async function pickFolder(title: string, openLabel: string): Promise<Uri | undefined> {
  return (
    await window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, title, openLabel })
  )?.[0];
}

async function pickSet(): Promise<Uri | undefined> {
  const folder = { label: t('Folder...'), detail: t('One folder of pictures for each class.') };
  const list = {
    label: t('Manifest...'),
    detail: t('A list of paths and labels: .csv, .tsv, .jsonl, or COCO’s .json.'),
  };
  const video = {
    label: t('Video...'),
    detail: t('Its frames, read by ffmpeg: .mp4, .mov, .mkv, .webm, .avi and others.'),
  };
  const chosen = await window.showQuickPick([folder, list, video], { title: t('Pictures to evaluate') });
  if (chosen === folder) return pickFolder(t('Pictures to evaluate'), t('Evaluate'));
  if (chosen === undefined) return undefined;
  const filters = chosen === list ? { [t('Manifests')]: [...manifests] } : { [t('Videos')]: [...videos] };
  return (
    await window.showOpenDialog({ title: t('Pictures to evaluate'), openLabel: t('Evaluate'), filters })
  )?.[0];
}

interface Network extends QuickPickItem {
  /** Null leaves it to the settings. */
  readonly weights: string | null;
  readonly isOther?: true;
}

/** Undefined where the reader wants no evaluation after all. */
async function pickNetwork(source: string): Promise<string | null | undefined> {
  const ofSettings = settings(Uri.file(source)).weights;
  const items: Network[] = [
    {
      label: ofSettings === null ? t('As the settings say') : basename(ofSettings),
      description:
        ofSettings === null
          ? t('MobileNet V2 on ImageNet, unless a lens names another')
          : t('as the settings say'),
      weights: null,
    },
    ...(await modelsNear(source)).map((weights) => ({
      label: basename(weights),
      description: dirname(weights),
      weights,
    })),
    { label: t('Another model...'), weights: null, isOther: true },
  ];
  const chosen = await window.showQuickPick(items, { title: t('Which network?'), matchOnDescription: true });
  if (chosen?.isOther !== true) return chosen?.weights;
  const filters = { [t('Models')]: [...checkpointExtensions] };
  return (await window.showOpenDialog({ title: t('Model'), openLabel: t('Evaluate'), filters }))?.[0]?.fsPath;
}

/** Models beside the pictures, and one folder up. */
async function modelsNear(source: string): Promise<readonly string[]> {
  const folder = (await isDirectory(source)) ? source : dirname(source);
  const found = await Promise.all(
    [folder, dirname(folder)].map(async (each) =>
      (await readdir(each).catch((): string[] => []))
        .filter((name) =>
          checkpointExtensions.some((extension) => extname(name).toLowerCase() === `.${extension}`),
        )
        .sort()
        .map((name) => join(each, name)),
    ),
  );
  const MOST_SHOWN = 20;
  return found.flat().slice(0, MOST_SHOWN);
}

/** Null for verdicts alone; undefined where the reader wants no evaluation after all. */
async function pickLayers(): Promise<string | null | undefined> {
  const items = [
    {
      label: t('Verdicts and the heatmap of the last layer'),
      detail: t(
        'Says where the network looks, picture by picture and on average. Takes two to three times as long.',
      ),
      layers: 'last',
    },
    { label: t('Verdicts only'), detail: t('Metrics, charts and suspected label errors.'), layers: null },
    { label: t('Other layers...'), detail: t('Patterns over their names, such as features.*'), layers: '' },
  ];
  const chosen = await window.showQuickPick(items, { title: t('What should be measured?') });
  if (chosen?.layers !== '') return chosen?.layers;
  const text = await window.showInputBox({
    title: t('Layers whose heatmaps are measured'),
    placeHolder: t('features.*, blocks[-1]'),
  });
  return text === undefined || text.trim() === '' ? undefined : text;
}
