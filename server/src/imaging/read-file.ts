/** Opens an image file, or says in one sentence why that cannot be done. */

import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { resolvedIn } from '../../../files/inside';
import { openBelow, openToRead } from '../../../files/opened';
import { LensError } from '../errors';
import { missingImage } from './image-names';
import { LargeFile, MemoryFile, type ImageFile } from './image-file';

/** Above what 100 megapixels take in any supported format short of exotic ones; a guard against mistaken files. */
const MAX_FILE_BYTES = 1 << 30;

const FOLDER = 'a folder, not an image';

/**
 * Larger files are not held in memory as a whole: with the pixels of 100 megapixels they would take more than
 * 512 MiB.
 */
const MOST_HELD_BYTES = 1 << 26;

/**
 * Returns what `use` makes of the file's bytes. Opened without blocking, so that a named pipe is refused
 * rather than waited for, and checked on the open file, so that nothing can change between the check and the
 * reading.
 * @param below folder that the file has to lie below; undefined where it may lie anywhere
 */
export async function withImageFile<T>(
  path: string,
  use: (file: ImageFile) => Promise<T>,
  below?: string,
): Promise<T> {
  const handle = await explained(path, () =>
    below === undefined ? openToRead(path) : openInSet(path, below),
  );
  try {
    return await use(await explained(path, () => checked(path, handle)));
  } finally {
    await handle.close();
  }
}

async function openInSet(path: string, root: string): Promise<FileHandle> {
  const handle = await openBelow(await resolvedIn(root, path));
  if (handle !== null) return handle;
  throw new LensError('image', `${path} leaves the folder of the set.`, { fix: 'Copy the picture into it.' });
}

async function checked(path: string, handle: FileHandle): Promise<ImageFile> {
  const stat = await handle.stat();
  if (!stat.isFile())
    throw unsuitable(path, stat.isDirectory() ? FOLDER : 'a device, pipe or socket, not an image');
  if (stat.size > MAX_FILE_BYTES)
    throw unsuitable(path, `too large: ${(stat.size / 2 ** 30).toFixed(1)} GiB, above the limit of 1 GiB`);
  return stat.size <= MOST_HELD_BYTES
    ? new MemoryFile(await handle.readFile())
    : new LargeFile(path, handle.fd, stat);
}

async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof LensError ? error : explain(path, error);
  }
}

function unsuitable(path: string, found: string): LensError {
  return new LensError('image', `${basename(path)} is ${found}.`, {
    fix: 'Give the path of one image file.',
    code: 'not-an-image',
  });
}

function explain(path: string, error: unknown): LensError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const refused = (message: string, fix: string) => new LensError('image', message, { fix, cause: error });
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return missingImage(path, error);
    case 'EACCES':
    case 'EPERM':
      return refused(
        `${path} cannot be read: permission denied.`,
        'Make it readable for yourself (for example with chmod u+r), or copy it.',
      );
    case 'EISDIR':
      return unsuitable(path, FOLDER);
    default:
      return refused(
        `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
        'Check the disk or network share it lies on, or copy it elsewhere.',
      );
  }
}
