/** What lies beside a model: its own lens, what its writer left there, and lists of class names. Read only where the folder is trusted. */
import { basename, dirname, extname, join } from 'node:path';
import { fileProblem, FileRefusal, readFileBelow } from '../../../../files/regular-file';
import { LENS_SUFFIX } from '../../../../protocol/lens';
import { labelsIn, MOST_LABEL_BYTES } from '../label-lists';
import { readLens } from '../lens-file';
import type { PathTrust } from '../lens-paths';
import type { ModelFacts, Said } from '../values';
import { writtenBeside, WRITERS_FILES } from '../writers/beside';
import type { BesideFile, ReadBeside, Values } from '../writers/writer';
import { fromLens } from './from-lens';

type Beside = Pick<ModelFacts, 'path'>;

/** `best.lens.json` of `best.onnx`. @throws LensError of kind `usage` where it is no lens */
export async function lensBeside({ path }: Beside, { trusted }: PathTrust): Promise<Said | null> {
  const place = await lensPlace(path);
  if (place === null || !trusted) return null;
  return fromLens(await readLens(place), 'beside', `The lens ${place}`, { trusted: false });
}

/** Where the lens of a model lies; null where there is none. */
export async function lensPlace(path: string | null): Promise<string | null> {
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
  'labels.csv',
  'classes.json',
  'class_names.json',
  'class_indices.json',
  'id2label.json',
  'config.json',
];

/** ImageNet's own lists lie beside models of other classes too: they count where their number is the network's. */
const COMMON_LISTS: readonly string[] = [
  ...['imagenet_classes.txt', 'imagenet_class_index.json', 'synset.txt', 'synset_words.txt'],
];

/** Of `best.onnx`: `best.labels.txt` and the like go first. */
const ownLists = (path: string): readonly string[] => {
  const stem = basename(path, extname(path));
  return ['.labels.txt', '_labels.txt', '.names', '.labels.json'].map((end) => `${stem}${end}`);
};

/** The model's folder; of one that is called `onnx` the folder around it too, where Hugging Face keeps what belongs to it. */
function foldersOf(path: string): readonly string[] {
  const folder = dirname(path);
  return basename(folder) === 'onnx' ? [folder, dirname(folder)] : [folder];
}

/** What the model's writer left beside it, and the class names in a file there. */
export async function filesBeside(
  { path, metadata, proved }: Pick<ModelFacts, 'path' | 'metadata' | 'proved'>,
  { trusted }: PathTrust,
): Promise<Said | null> {
  if (path === null || !trusted) return null;
  const read = readerOf(path);
  const written = await writtenBeside({ metadata, proved }, read);
  const labels = written.labels === undefined ? await labelsBeside(read, ownLists(path), proved) : null;
  const values = { ...labels?.values, ...written };
  if (Object.keys(values).length === 0) return null;
  const subject = labels?.place ?? Object.values(written)[0]?.detail ?? '';
  return { origin: 'files', lens: null, subject: `The file ${subject}`, values };
}

const readerOf = (path: string): ReadBeside => {
  const known = new Map<string, Promise<BesideFile | null>>();
  const look = async (name: string): Promise<BesideFile | null> => {
    for (const folder of foldersOf(path)) {
      const text = await textOf(folder, name);
      if (text !== null) return { place: join(folder, name), text };
    }
    return null;
  };
  return (name) => {
    const found = known.get(name) ?? look(name);
    known.set(name, found);
    return found;
  };
};

async function labelsBeside(
  read: ReadBeside,
  own: readonly string[],
  proved: ModelFacts['proved'],
): Promise<{ readonly place: string; readonly values: Values } | null> {
  for (const name of [...own, ...LABEL_FILES, ...COMMON_LISTS]) {
    const file = await read(name);
    const found = file === null ? null : labelsIn(name, file.text);
    if (COMMON_LISTS.includes(name) && found?.labels.length !== proved?.classes) continue;
    if (file === null || found === null || (name === 'config.json' && found.key === null)) continue;
    const { labels, key } = found;
    const detail = key === null ? file.place : `${key} of ${file.place}`;
    return { place: file.place, values: { labels: { value: labels, detail } } };
  }
  return null;
}

/** What would have been read of a folder that is not trusted, by name. */
export async function passedOver({ path }: Beside, { trusted }: PathTrust): Promise<readonly string[]> {
  if (path === null || trusted) return [];
  const lens = await lensPlace(path);
  const names = [...new Set([...ownLists(path), ...LABEL_FILES, ...COMMON_LISTS, ...WRITERS_FILES])];
  const found: string[] = [];
  for (const folder of foldersOf(path))
    for (const name of names) if (await isFile(folder, name)) found.push(join(folder, name));
  return [...(lens === null ? [] : [lens]), ...found];
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
