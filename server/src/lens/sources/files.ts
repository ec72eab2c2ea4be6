/** What lies beside a model: its own lens, and lists of class names. Read only where the folder is trusted. */
import { basename, dirname, extname, join } from 'node:path';
import { fileProblem, FileRefusal, readFileBelow } from '../../../../files/regular-file';
import { LENS_SUFFIX } from '../../../../protocol/lens';
import { labelsIn, MOST_LABEL_BYTES } from '../label-lists';
import { readLens } from '../lens-file';
import type { PathTrust } from '../lens-paths';
import type { ModelFacts, Said } from '../values';
import { fromLens } from './from-lens';

type Beside = Pick<ModelFacts, 'path'>;

/** `best.lens.json` of `best.onnx`. @throws LensError of kind `usage` where it is no lens */
export async function lensBeside({ path }: Beside, { trusted }: PathTrust): Promise<Said | null> {
  const place = await lensPlace(path);
  if (place === null || !trusted) return null;
  return fromLens(await readLens(place), 'beside', `The lens ${place}`, { trusted: false });
}

/** Where the lens of a model lies; null where there is none. */
async function lensPlace(path: string | null): Promise<string | null> {
  if (path === null) return null;
  const name = `${basename(path, extname(path))}${LENS_SUFFIX}`;
  return (await isFile(dirname(path), name)) ? join(dirname(path), name) : null;
}

/** In this order; names that others use for other things hold names only under the keys of Hugging Face, timm and the like. */
const LABEL_FILES = [
  'labels.txt',
  'classes.txt',
  'class_names.txt',
  'labels.json',
  'classes.csv',
  'config.json',
];

/** The class names in a file beside a model. */
export async function filesBeside({ path }: Beside, { trusted }: PathTrust): Promise<Said | null> {
  if (path === null || !trusted) return null;
  const folder = dirname(path);
  for (const name of LABEL_FILES) {
    const text = await textOf(folder, name);
    const found = text === null ? null : labelsIn(name, text);
    if (found === null || (name === 'config.json' && found.key === null)) continue;
    const { labels, key } = found;
    const place = join(folder, name);
    const detail = key === null ? place : `${key} of ${place}`;
    return {
      ...{ origin: 'files', lens: null, subject: `The file ${place}` },
      values: { labels: { value: labels, detail } },
    };
  }
  return null;
}

/** What would have been read of a folder that is not trusted, by name. */
export async function passedOver({ path }: Beside, { trusted }: PathTrust): Promise<readonly string[]> {
  if (path === null || trusted) return [];
  const lens = await lensPlace(path);
  const folder = dirname(path);
  const labels: string[] = [];
  for (const name of LABEL_FILES) if (await isFile(folder, name)) labels.push(join(folder, name));
  return [...(lens === null ? [] : [lens]), ...labels];
}

async function isFile(folder: string, name: string): Promise<boolean> {
  if ((await fileProblem(folder, name)) !== null) return false;
  return (await textOf(folder, name)) !== null;
}

async function textOf(folder: string, name: string): Promise<string | null> {
  try {
    return (await readFileBelow(folder, name, MOST_LABEL_BYTES)).toString('utf8');
  } catch (thrown) {
    if (thrown instanceof FileRefusal) return null;
    throw thrown;
  }
}
