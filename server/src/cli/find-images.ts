/** From what was typed to the images that are meant: files as they are, folders with all below them, wildcards. */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { imageExtensions } from '../../../protocol/analysis';
import { LensError } from '../errors';

export interface GivenImage {
  /** Absolute path. */
  readonly image: string;
  /** Why nothing can be analysed under this name; null as far as is known. */
  readonly refused: LensError | null;
}

/**
 * In the order of `paths`; below a folder sorted by name. Files are taken whatever their name says; in folders an
 * image's extension decides. Hidden files, links to folders, report folders and node_modules are passed over.
 * @param paths absolute
 */
export async function findImages(paths: readonly string[]): Promise<readonly GivenImage[]> {
  const found: GivenImage[] = [];
  for (const path of paths) found.push(...(await meantBy(path)));
  return found;
}

async function meantBy(path: string): Promise<readonly GivenImage[]> {
  const entry = await stat(path).catch(() => null);
  if (entry === null) return matching(path);
  if (!entry.isDirectory()) return [given(path)];
  const found = await below(path);
  return found.length > 0 ? found : [refused(path, 'found none in it or below')];
}

const given = (image: string): GivenImage => ({ image, refused: null });

function refused(folder: string, found: string): GivenImage {
  const message = `${folder}: expected a folder with images (${imageExtensions.join(', ')}), ${found}.`;
  return {
    image: folder,
    refused: new LensError('image', message, { fix: 'Name another folder, or the image files themselves.' }),
  };
}

async function below(folder: string): Promise<readonly GivenImage[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (thrown) {
    return [refused(folder, `found that it cannot be read: ${(thrown as Error).message}`)];
  }
  const found: GivenImage[] = [];
  for (const entry of entries.sort(byName)) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) {
      if (!passedOver.test(entry.name)) found.push(...(await below(path)));
    } else if (isImageName(entry.name) && !(await isLinkToFolder(entry, path))) found.push(given(path));
  }
  return found;
}

/** Reports are full of images themselves. */
const passedOver = /^node_modules$|_inference_/;

/** By code unit: the same order on every machine. */
const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : 1);

const isImageName = (name: string): boolean =>
  imageExtensions.some((extension) => `.${extension}` === extname(name).toLowerCase());

/** Not followed: it may lead back, or out to the whole disk. */
async function isLinkToFolder(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return false;
  return stat(path).then(
    (target) => target.isDirectory(),
    () => false, // a link to nothing is an image that is missing, and that is said
  );
}

/** `*` and `?` in a file's name, for shells that leave them to us; a name that matches nothing stays as it is. */
async function matching(path: string): Promise<readonly GivenImage[]> {
  const name = basename(path);
  if (!/[*?]/.test(name)) return [given(path)];
  const source = name
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const pattern = new RegExp(`^${source}$`, process.platform === 'win32' ? 'isu' : 'su');
  const entries = await readdir(dirname(path), { withFileTypes: true }).catch(() => []);
  const found = entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.') && pattern.test(entry.name))
    .sort(byName)
    .map((entry) => given(join(dirname(path), entry.name)));
  return found.length > 0 ? found : [given(path)];
}
