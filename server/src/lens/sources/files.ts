/**
 * Files beside a model: its own lens, what its writer left there, and lists of class names. Read only if the
 * folder is trusted.
 */
import { lstat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { FileRefusal, readFileBelow } from '../../../../files/regular-file';
import { textOfBytes } from '../../../../files/text';
import { LENS_SUFFIX } from '../../../../protocol/lens';
import { labelsIn, MOST_LABEL_BYTES } from '../label-lists';
import { readOwnLens } from '../lens-file';
import { NEVER_TRUSTED, type PathTrust } from '../lens-paths';
import { notTaken } from '../not-taken';
import type { ModelFacts, LensSource, StatedValue } from '../values';
import { writtenBeside, WRITERS_FILES } from '../writers/beside';
import type { BesideFile, ReadBeside } from '../writers/writer';
import { fromLens } from './from-lens';

type Beside = Pick<ModelFacts, 'path'>;

/**
 * `best.lens.json` of `best.onnx`. One that cannot be read is an error: without it the picture would be prepared differently.
 * @throws LensError of kind `usage` where it is not a lens, or leaves the folder
 */
export async function lensBeside({ path }: Beside, { trusted }: PathTrust): Promise<LensSource | null> {
  const place = await lensPlace(path);
  return place === null || !trusted
    ? null
    : fromLens(await readOwnLens(place), 'beside', `The lens ${place}`, NEVER_TRUSTED);
}

/** Where the lens of a model is, whatever kind of file it is; null if there is none. */
export async function lensPlace(path: string | null): Promise<string | null> {
  if (path === null) return null;
  const place = join(dirname(path), `${basename(path, extname(path))}${LENS_SUFFIX}`);
  return (await isThere(place)) ? place : null;
}

/**
 * In this order; files that other tools use for other things count only where the names are under the keys of
 * Hugging Face, timm and the like.
 */
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

/**
 * ImageNet's lists are also found beside models with other classes: they count only if the number of classes
 * fits.
 */
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
): Promise<LensSource | null> {
  if (path === null || !trusted) return null;
  const read = readerOf(path);
  const written = await writtenBeside({ metadata, proved }, read);
  const lists = await labelsBeside(read, ownLists(path), proved);
  const [first, ...others] = [...(written.labels === undefined ? [] : [written.labels]), ...lists];
  const values = { ...written, ...(first === undefined ? {} : { labels: withOthers(first, others) }) };
  const [any] = Object.values(values);
  return any === undefined
    ? null
    : { origin: 'files', lens: null, subject: `The file ${any.detail}`, values };
}

/** Of lists that name the classes differently, one may be of another model. */
function withOthers(first: Names, others: readonly Names[]): Names {
  const different = others.filter(({ value }) => value.join('\n') !== first.value.join('\n'));
  return different.length === 0 ? first : { ...first, notTaken: different.map(notTaken) };
}

/** Looks into the model's folders, and into each file once. */
export const readerOf = (path: string): ReadBeside => {
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

type Names = StatedValue<'labels'>;

/** All lists of names, the one that counts first. The common ones are looked at only where no other is there. */
async function labelsBeside(
  read: ReadBeside,
  own: readonly string[],
  proved: ModelFacts['proved'],
): Promise<readonly Names[]> {
  const lists: Names[] = [];
  for (const name of [...own, ...LABEL_FILES, ...COMMON_LISTS]) {
    const isCommon = COMMON_LISTS.includes(name);
    if (isCommon && lists.length > 0) break;
    const file = await read(name);
    const found = file === null ? null : labelsIn(name, file.text);
    if (isCommon && found?.labels.length !== proved?.classes) continue;
    if (file === null || found === null || (name === 'config.json' && found.key === null)) continue;
    const { labels, key } = found;
    lists.push({ value: labels, detail: key === null ? file.place : `${key} of ${file.place}` });
  }
  return lists;
}

/** A file beside the weights that was not read. */
export interface PassedOver {
  readonly file: string;
  /** Such as `found a named pipe`; null where the workspace is not trusted. */
  readonly why: string | null;
}

/**
 * Names of files that were not read: in an untrusted folder all of them, otherwise those that must not or
 * cannot be read.
 */
export async function passedOver({ path }: Beside, { trusted }: PathTrust): Promise<readonly PassedOver[]> {
  if (path === null) return [];
  const lens = trusted ? null : await lensPlace(path);
  const names = [...new Set([...ownLists(path), ...LABEL_FILES, ...COMMON_LISTS, ...WRITERS_FILES])];
  const found: PassedOver[] = lens === null ? [] : [{ file: lens, why: null }];
  for (const folder of foldersOf(path))
    for (const name of names) {
      const file = join(folder, name);
      if (!(await isThere(file))) continue;
      const why = await refusalOf(folder, name);
      if (!trusted || why !== null) found.push({ file, why });
    }
  return found;
}

async function refusalOf(folder: string, name: string): Promise<string | null> {
  try {
    textOfBytes(await readFileBelow(folder, name, MOST_LABEL_BYTES));
    return null;
  } catch (thrown) {
    if (!(thrown instanceof FileRefusal)) throw thrown;
    return thrown.missing ? 'found a link that leads nowhere' : thrown.message;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

async function textOf(folder: string, name: string): Promise<string | null> {
  try {
    return textOfBytes(await readFileBelow(folder, name, MOST_LABEL_BYTES));
  } catch (thrown) {
    if (thrown instanceof FileRefusal) return null;
    throw thrown;
  }
}
