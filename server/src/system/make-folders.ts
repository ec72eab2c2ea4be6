/** Makes a folder and those above it that are missing, and says which was the outermost. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Like `mkdir` with `recursive`, which in Node never comes back where a file system answers ENOENT although the folder
 * above is there, as /proc does.
 * @param path absolute
 * @returns the outermost folder that was made; undefined if all were there
 * @throws what the file system says
 */
export async function makeFolders(path: string): Promise<string | undefined> {
  const first = await tryMake(path);
  if (first !== 'ENOENT') return first;
  const above = dirname(path);
  const outermost = above === path ? undefined : await makeFolders(above);
  const second = await tryMake(path);
  if (second !== 'ENOENT') return outermost ?? second;
  throw Object.assign(new Error(`ENOENT: no folder can be made, mkdir '${path}'`), { code: 'ENOTSUP', path });
}

/** What was made, or why it could not be while the folder above may be missing. */
async function tryMake(path: string): Promise<string | undefined> {
  try {
    await mkdir(path);
    return path;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT') return code;
    if (code !== 'EEXIST' && code !== 'EISDIR' && code !== 'EPERM' && code !== 'EROFS') throw thrown;
    if (await isFolder(path)) return undefined;
    throw thrown;
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
