/** Choosing the lens, the face detector, and how a face is cut out: each is a setting, which an empty value leaves to the weights. */
import { basename } from 'node:path';
import { window, workspace } from 'vscode';
import { LENS_SUFFIX } from '../../../protocol/lens';
import { CROP_MODES, DETECTOR_CHOICES } from '../../../protocol/vocabulary';
import { change, current } from '../settings';

interface Item {
  readonly label: string;
  readonly description: string;
  /** Null lets the reader look for a file. */
  readonly value: string | null;
}

type Setting = 'lens' | 'detector' | 'crop';

/** Lens files of a large workspace that are offered. */
const MOST_FILES = 100;

async function choose(setting: Setting, title: string, items: readonly Item[]): Promise<string | null> {
  const now = current(setting);
  const known = items.find(({ value }) => value === now)?.label ?? now;
  const chosen = await window.showQuickPick(items, {
    title,
    placeHolder: `Current: ${known}`,
    matchOnDescription: true,
  });
  if (chosen === undefined) return null;
  return chosen.value ?? (await browse());
}

async function browse(): Promise<string | null> {
  const dialog = { title: 'Lens', openLabel: 'Select', filters: { Lenses: ['json'] } };
  return (await window.showOpenDialog(dialog))?.[0]?.fsPath ?? null;
}

const AUTOMATIC = { label: 'Automatic', value: '' } as const;

/** Those that are built in, as the setting's description names them. */
const BUILT_IN: readonly Item[] = [
  { label: 'fsbi', description: 'face forgery with wavelets, 380 pixels', value: 'fsbi' },
  { label: 'sbi', description: 'face forgery, SelfBlendedImages', value: 'sbi' },
  { label: 'imagenet', description: 'stretched to 224 pixels', value: 'imagenet' },
  { label: 'torchvision', description: "torchvision's preset of the architecture", value: 'torchvision' },
];

export async function selectLens(): Promise<void> {
  const files = await workspace.findFiles(`**/*${LENS_SUFFIX}`, '**/node_modules/**', MOST_FILES);
  const items = [
    {
      ...AUTOMATIC,
      description: 'beside the weights, in the store, from the file, or a guess that the report names',
    },
    ...BUILT_IN,
    ...files.map(({ fsPath }) => ({
      label: basename(fsPath),
      description: workspace.asRelativePath(fsPath),
      value: fsPath,
    })),
    { label: 'Browse...', description: '', value: null },
  ];
  await applied('lens', await choose('lens', 'Lens', items));
}

export async function selectDetector(): Promise<void> {
  const items = DETECTOR_CHOICES.map(({ id, title, help }) => ({
    label: title,
    description: help,
    value: id,
  }));
  const own = { label: "The lens's own", description: 'which may have none', value: '' };
  await applied('detector', await choose('detector', 'Face Detector', [own, ...items]));
}

export async function selectCrop(): Promise<void> {
  const items = CROP_MODES.map(({ id, title, help }) => ({ label: title, description: help, value: id }));
  const own = { label: "The lens's own", description: '', value: '' };
  await applied('crop', await choose('crop', 'Crop', [own, ...items]));
}

async function applied(setting: Setting, value: string | null): Promise<void> {
  if (value !== null) await change(setting, value);
}
