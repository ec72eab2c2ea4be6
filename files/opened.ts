/**
 * Where an open file lies. What a path led to when it was examined says nothing of what was opened: a link on the way may have been
 * replaced in between. So a file that has to lie below a folder is opened first, and read only if what is open lies there.
 */
import { constants } from 'node:fs';
import { open, readlink, realpath, stat, type FileHandle } from 'node:fs/promises';
import { isInside, type Resolved } from './inside';

const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;

/** Opening never blocks, as it would on a named pipe. Windows has no such flag, nor the next. */
const TO_READ = process.platform === 'win32' ? O_RDONLY : O_RDONLY | O_NONBLOCK;

/** What was a file when it was resolved and is a link now is not followed. */
const RESOLVED = process.platform === 'win32' ? TO_READ : TO_READ | O_NOFOLLOW;

/** Links are followed. */
export const openToRead = (path: string): Promise<FileHandle> => open(path, TO_READ);

/** @param path with its links resolved */
export const openResolved = (path: string): Promise<FileHandle> => open(path, RESOLVED);

/**
 * Opens what a path was resolved to; null if that lies elsewhere, then or by now.
 * @throws what the file system throws
 */
export async function openBelow({ path, root, isBelow }: Resolved): Promise<FileHandle | null> {
  if (!isBelow) return null;
  const file = await openResolved(path);
  let isThere = false;
  try {
    isThere = await isOpenBelow(file, path, root);
    return isThere ? file : null;
  } finally {
    if (!isThere) await file.close();
  }
}

/**
 * Linux says where what is open lies. Elsewhere the path is resolved again, and has to lead to the same file: a link that is replaced is
 * noticed, unless it is put back just then.
 * @param path that was opened. @param root folder that the file has to lie below; both absolute, with links resolved
 */
export async function isOpenBelow(file: FileHandle, path: string, root: string): Promise<boolean> {
  const place = await placeOf(file);
  if (place !== null) return isInside(place, root) || isInside(place, await placeOfFolder(root));
  const now = await realpath(path);
  if (!isInside(now, root)) return false;
  const [opened, there] = await Promise.all([file.stat({ bigint: true }), stat(now, { bigint: true })]);
  return opened.dev === there.dev && opened.ino === there.ino;
}

/** Null where the system does not say. */
const placeOf = ({ fd }: FileHandle): Promise<string | null> =>
  readlink(`/proc/self/fd/${fd}`).catch(() => null);

/** As the system spells it, where capitals do not count. A folder that may not be listed cannot be opened. */
async function placeOfFolder(root: string): Promise<string> {
  const handle = await open(root, 'r').catch(() => null);
  if (handle === null) return root;
  try {
    return (await placeOf(handle)) ?? root;
  } finally {
    await handle.close();
  }
}
