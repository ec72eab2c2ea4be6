/** Reads an image file whole, or says in one sentence why that cannot be done. */

import { constants, open } from 'node:fs/promises';
import { LensError } from '../errors';
import { SUPPORTED_FORMATS } from './formats';

/** Above what 100 megapixels take in any supported format short of exotic ones; a guard against mistaken files. */
const MAX_FILE_BYTES = 1 << 30;

/** Not on Windows, where opening never waits for a writer. */
const NON_BLOCKING = process.platform === 'win32' ? 0 : constants.O_NONBLOCK;

/**
 * The file's bytes. Opened without blocking, so that a named pipe is refused rather than waited for, and checked on
 * the open file, so that nothing can change between the check and the reading.
 */
export async function readImageFile(path: string): Promise<Buffer> {
  try {
    const handle = await open(path, constants.O_RDONLY | NON_BLOCKING);
    try {
      const stat = await handle.stat();
      if (!stat.isFile())
        throw unsuitable(path, stat.isDirectory() ? 'a directory' : 'a device, pipe or socket');
      if (stat.size > MAX_FILE_BYTES) {
        throw unsuitable(path, `a file of ${(stat.size / 2 ** 30).toFixed(1)} GiB, above the limit of 1 GiB`);
      }
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof LensError ? error : explain(path, error);
  }
}

function unsuitable(path: string, found: string): LensError {
  return new LensError('image', `${path}: expected ${SUPPORTED_FORMATS}, found ${found}.`, {
    fix: 'Give the path of one picture file.',
  });
}

function explain(path: string, error: unknown): LensError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const options = (fix: string) => ({ fix, cause: error });
  const expected = `${path}: expected ${SUPPORTED_FORMATS}`;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new LensError('image', `${expected}, found no file there.`, options('Check the path.'));
    case 'EACCES':
    case 'EPERM':
      return new LensError(
        'image',
        `${expected}, found a file that may not be read.`,
        options('Give yourself permission to read it (for example chmod u+r), or copy it.'),
      );
    case 'EISDIR':
      return unsuitable(path, 'a directory');
    default:
      return new LensError(
        'image',
        `${expected}, found that it cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
        options('Check the disk or network share it lies on, or copy it elsewhere.'),
      );
  }
}
