/** The pictures below a folder, sorted by name, each labeled with the first folder of its path or by a pattern. */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { IMAGE_EXTENSIONS } from '../../../../protocol/vocabulary';
import { LensError, throwIfAborted } from '../../errors';
import { isImageName } from '../../imaging/image-names';
import { holdsReport, isReportName } from '../../report/report-folder';
import { EntryBelow, interned, type Entry, type PictureSet } from './entry';
import type { PathPattern } from './path-pattern';

/** Deepest folder, deeper than any data set; mounts may loop. */
const MOST_DEPTH = 64;

interface FolderRequest {
  readonly pattern: PathPattern | null;
  readonly labelled: boolean;
  /** See `SetRequest`. */
  readonly except: string | null;
  readonly signal: AbortSignal | undefined;
}

/**
 * Hidden files and folders, node_modules, links to folders, reports and the folder of masks are skipped. Of the last three a note says so, since a
 * class may hide behind a link.
 * @throws LensError of kind `usage` if there is no picture
 */
export async function setOfFolder(root: string, request: FolderRequest): Promise<PictureSet> {
  const { pattern, labelled, except, signal } = request;
  const entries: Entry[] = [];
  const once = interned();
  const skipped = { links: [] as string[], reports: [] as string[], masks: [] as string[] };
  const walk = async (folder: string, below: string, depth: number): Promise<void> => {
    throwIfAborted(signal);
    const found = await listed(folder);
    if (depth > 0 && (isReportName(basename(folder)) || holdsReport(found)))
      return void skipped.reports.push(below);
    if (depth > 0 && except !== null && resolve(folder) === resolve(except))
      return void skipped.masks.push(below);
    for (const entry of found) {
      if (entry.name.startsWith('.')) continue;
      const [file, path] = [join(folder, entry.name), `${below}${entry.name}`];
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && depth < MOST_DEPTH) await walk(file, `${path}/`, depth + 1);
      } else if (await isLinkToFolder(entry, file)) skipped.links.push(path);
      else if (isImageName(entry.name)) {
        const label = labelled ? (pattern === null ? firstFolder(path) : pattern.labelOf(path)) : null;
        entries.push(new EntryBelow(root, path, label === null ? null : once(label)));
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
  const note = noteOf(skipped);
  return {
    ...{ source: root, root, entries, labelsGuessed: labelled && pattern === null },
    ...(note === null ? {} : { note }),
  };
}

const NAMED = 5;

const named = (paths: readonly string[]): string =>
  `${paths.slice(0, NAMED).join(', ')}${paths.length > NAMED ? ` and ${paths.length - NAMED} more` : ''}`;

function noteOf(skipped: Readonly<Record<'links' | 'reports' | 'masks', readonly string[]>>): string | null {
  const { links, reports, masks } = skipped;
  const sentences = [
    ...(links.length === 0
      ? []
      : [`Links to folders are not followed: ${named(links)}. A manifest can list the pictures in them.`]),
    ...(reports.length === 0 ? [] : [`Reports are not part of the set: ${named(reports)}.`]),
    ...(masks.length === 0 ? [] : [`Masks are not part of the set: ${named(masks)}.`]),
  ];
  return sentences.length === 0 ? null : sentences.join(' ');
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

/** Pictures in the root itself have no label. */
const firstFolder = (path: string): string | null => {
  const at = path.indexOf('/');
  return at < 0 ? null : path.slice(0, at);
};

const isLinkToFolder = async (entry: Dirent, path: string): Promise<boolean> =>
  entry.isSymbolicLink() && (await stat(path).catch(() => null))?.isDirectory() === true;
