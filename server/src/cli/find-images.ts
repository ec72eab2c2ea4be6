/** Turns the arguments into images: files as they are, folders with everything below them, wildcards. */
import type { Dirent } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { IMAGE_EXTENSIONS } from '../../../protocol/vocabulary';
import { LensError } from '../errors';
import { isImageName, missingImage } from '../imaging/image-names';
import { holdsReport, isReportName } from '../report/report-folder';
import { matching } from './wildcards';

export interface GivenImage {
  /** Absolute path. */
  readonly image: string;
  /** Why this cannot be analyzed; null if no reason is known yet. */
  readonly refused: LensError | null;
}

/**
 * In the order of `paths`; below a folder sorted by name. Files are taken whatever their name says; in
 * folders an image's extension decides. Hidden files, links to folders, node_modules and reports are passed
 * over: a folder that holds only reports, as `*` finds it beside the images, is refused only if nothing else
 * was given.
 * @param paths absolute
 */
export async function findImages(paths: readonly string[]): Promise<readonly GivenImage[]> {
  const found: GivenImage[] = [];
  const onlyReports: string[] = [];
  for (const typed of paths) {
    for (const path of await expanded(typed)) {
      if (path === null) {
        found.push(refusedPattern(typed));
        continue;
      }
      const { images, reports } = await meantBy(path);
      if (images.length === 0 && reports) onlyReports.push(path);
      else found.push(...images);
    }
  }
  const refusals = onlyReports.map((path) =>
    refused(path, 'found reports only, whose pictures are not analyzed'),
  );
  return found.length > 0 ? found : refusals;
}

interface Found {
  readonly images: readonly GivenImage[];
  /** Reports were skipped. */
  readonly reports: boolean;
}

async function meantBy(path: string): Promise<Found> {
  const entry = await stat(path).catch(() => null);
  if (entry?.isDirectory() !== true) return { images: [given(path)], reports: false };
  const found = await below(path);
  if (found.images.length > 0 || found.reports) return found;
  return { images: [refused(path, 'found none in it or below')], reports: false };
}

const given = (image: string): GivenImage => ({ image, refused: null });

const refusal = (image: string, message: string, fix: string): GivenImage => ({
  image,
  refused: new LensError('image', message, { fix }),
});

const refused = (
  folder: string,
  found: string,
  fix = 'Name another folder, or the image files themselves.',
): GivenImage =>
  refusal(
    folder,
    `${folder}: expected a folder with images (${IMAGE_EXTENSIONS.join(', ')}), ${found}.`,
    fix,
  );

const refusedPattern = (pattern: string): GivenImage =>
  refusal(
    pattern,
    `${pattern}: expected files or folders that match, found none.`,
    'Check the pattern: * and ? stand for parts of one name, ** for any folders.',
  );

async function below(folder: string): Promise<Found> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (thrown) {
    return { images: [unreadable(folder, thrown as NodeJS.ErrnoException)], reports: false };
  }
  if (holdsReport(entries)) return { images: [], reports: true };
  const images: GivenImage[] = [];
  let reports = false;
  for (const entry of entries.sort(byName)) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) {
      if (entry.name === 'node_modules') continue;
      if (isReportName(entry.name)) {
        reports = true;
        continue;
      }
      const found = await below(path);
      images.push(...found.images);
      reports ||= found.reports;
    } else if (isImageName(entry.name) && !(await isLinkToFolder(entry, path)))
      images.push(await named(path));
  }
  return { images, reports };
}

function unreadable(folder: string, { code, message }: NodeJS.ErrnoException): GivenImage {
  const found = `found that it cannot be read: ${message}`;
  return code === 'EACCES' || code === 'EPERM'
    ? refused(
        folder,
        found,
        'Give yourself permission to list it (for example chmod u+rx), or name other images.',
      )
    : refused(folder, found);
}

/** By code unit: the same order on every machine. */
const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : 1);

/** A file that only its listing has is refused with its reason. */
async function named(image: string): Promise<GivenImage> {
  if (!image.includes('\ufffd') || (await lstat(image).catch(() => null)) !== null) return given(image);
  return { image, refused: missingImage(image) };
}

/** Not followed: it may form a cycle, or lead to the whole disk. */
async function isLinkToFolder(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return false;
  return stat(path).then(
    (target) => target.isDirectory(),
    () => false, // a dangling link is reported as a missing image
  );
}

/** Expands wildcards that the shell did not; the path itself where it has none, or where a file has exactly that name. */
async function expanded(path: string): Promise<readonly (string | null)[]> {
  if (!/[*?]/.test(path) || (await lstat(path).catch(() => null)) !== null) return [path];
  const matches = await matching(path);
  return matches.length > 0 ? matches : [null];
}
