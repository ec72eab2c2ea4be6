/**
 * Where an open file lies. What a path led to when it was examined says nothing of what was opened: a link on the way may have been
 * replaced in between. So a file that has to lie below a folder is opened first, and read only if what is open lies there.
 */
import { open, readlink, realpath, stat, type FileHandle } from 'node:fs/promises';
import { isInside } from './inside';

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
