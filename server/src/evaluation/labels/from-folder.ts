/** The pictures below a folder, sorted by name, each labeled with the first folder of its path or by a pattern. */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { IMAGE_EXTENSIONS } from '../../../../protocol/vocabulary';
import { LensError, throwIfAborted } from '../../errors';
import type { Entry, PictureSet } from './entry';
import type { PathPattern } from './path-pattern';

/** Deepest folder, deeper than any data set; mounts may loop. */
const MOST_DEPTH = 64;

/**
 * Hidden files and folders, node_modules and links to folders are skipped; of the latter a note says so, since a class may hide behind one.
 * @throws LensError of kind `usage` if there is no picture
 */
export async function setOfFolder(
  root: string,
  pattern: PathPattern | null,
  labelled: boolean,
  signal?: AbortSignal,
): Promise<PictureSet> {
  const entries: Entry[] = [];
  const links: string[] = [];
  const walk = async (folder: string, below: string, depth: number): Promise<void> => {
    throwIfAborted(signal);
    for (const entry of await listed(folder)) {
      if (entry.name.startsWith('.')) continue;
      const [file, path] = [join(folder, entry.name), `${below}${entry.name}`];
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && depth < MOST_DEPTH) await walk(file, `${path}/`, depth + 1);
      } else if (await isLinkToFolder(entry, file)) links.push(path);
      else if (isImageName(entry.name)) {
        const label = labelled ? (pattern === null ? firstFolder(path) : pattern.labelOf(path)) : null;
        entries.push({ path, file, label });
      }
    }
  };
  await walk(root, '', 0);
  if (entries.length === 0) {
    throw new LensError(
      'usage',
      `${root}: expected pictures below this folder (${IMAGE_EXTENSIONS.join(', ')}), found none.`,
      {
        fix: 'A set is a folder with one folder of pictures for each class, or a manifest (.csv, .jsonl, COCO .json).',
      },
    );
  }
  const note = links.length === 0 ? {} : { note: skippedLinks(links) };
  return { source: root, root, entries, labelsGuessed: labelled && pattern === null, ...note };
}

const NAMED = 5;

function skippedLinks(links: readonly string[]): string {
  const more = links.length > NAMED ? ` and ${links.length - NAMED} more` : '';
  return `Links to folders are not followed: ${links.slice(0, NAMED).join(', ')}${more}. A manifest may list what lies there.`;
}

async function listed(folder: string): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1)); // by code unit: the same order on every machine
  } catch (thrown) {
    throw new LensError(
      'usage',
      `${folder}: expected a folder that can be listed, found ${String(thrown)}.`,
      {
        fix: 'Make the folder listable for this user (for example with chmod u+rx).',
        cause: thrown,
      },
    );
  }
}

/** Pictures that lie in the root itself have no label. */
const firstFolder = (path: string): string | null => {
  const at = path.indexOf('/');
  return at < 0 ? null : path.slice(0, at);
};

const isImageName = (name: string): boolean =>
  IMAGE_EXTENSIONS.some((extension) => `.${extension}` === extname(name).toLowerCase());

const isLinkToFolder = async (entry: Dirent, path: string): Promise<boolean> =>
  entry.isSymbolicLink() && (await stat(path).catch(() => null))?.isDirectory() === true;
