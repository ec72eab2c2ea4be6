/** Choosing the lens, the face detector, and how a face is cut out: each is a setting, which an empty value leaves to the weights. */
import { basename } from 'node:path';
import { window, workspace } from 'vscode';
import { LENS_SUFFIX } from '../../../protocol/lens';
import { BUILT_IN_LENSES, CROP_MODES, DETECTOR_CHOICES, type Word } from '../../../protocol/vocabulary';
import { change, current } from '../settings';
import { translated, t } from '../l10n';

interface Item {
  readonly label: string;
  readonly description: string;
  /** Null lets the reader look for a file. */
  readonly value: string | null;
}

type Setting = 'lens' | 'detector' | 'crop';

/** A word of protocol/ as something to choose. */
const choiceOf = ({ id, title, help = '' }: Word): Item => ({
  ...{ label: translated(title), description: translated(help), value: id },
});

/** Lens files of a large workspace that are offered. */
const MOST_FILES = 100;

async function choose(setting: Setting, title: string, items: readonly Item[]): Promise<string | null> {
  const now = current(setting);
  const known = items.find(({ value }) => value === now)?.label ?? now;
  const chosen = await window.showQuickPick(items, {
    title,
    placeHolder: t('Current: {0}', known),
    matchOnDescription: true,
  });
  if (chosen === undefined) return null;
  return chosen.value ?? (await browse());
}

async function browse(): Promise<string | null> {
  const dialog = { title: t('Lens'), openLabel: t('Select'), filters: { [t('Lenses')]: ['json'] } };
  return (await window.showOpenDialog(dialog))?.[0]?.fsPath ?? null;
}

export async function selectLens(): Promise<void> {
  const files = await workspace.findFiles(`**/*${LENS_SUFFIX}`, '**/node_modules/**', MOST_FILES);
  const items = [
    {
      label: t('Automatic'),
      description: t('beside the weights, in the store, from the file, or a guess that the report names'),
      value: '',
    },
    ...BUILT_IN_LENSES.map(choiceOf),
    ...files.map(({ fsPath }) => ({
      label: basename(fsPath),
      description: workspace.asRelativePath(fsPath),
      value: fsPath,
    })),
    { label: t('Browse...'), description: '', value: null },
  ];
  await applied('lens', await choose('lens', t('Lens'), items));
}

export async function selectDetector(): Promise<void> {
  const items = DETECTOR_CHOICES.map(choiceOf);
  const own = { label: t("The lens's own"), description: t('which may have none'), value: '' };
  await applied('detector', await choose('detector', t('Face Detector'), [own, ...items]));
}

export async function selectCrop(): Promise<void> {
  const items = CROP_MODES.map(choiceOf);
  const own = { label: t("The lens's own"), description: '', value: '' };
  await applied('crop', await choose('crop', t('Crop'), [own, ...items]));
}

async function applied(setting: Setting, value: string | null): Promise<void> {
  if (value !== null) await change(setting, value);
}
