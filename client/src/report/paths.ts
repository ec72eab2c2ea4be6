/** Questions about paths. */
import { stat } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';

/** Whether a path is a folder or lies below it. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!isAbsolute(way) && !/^\.\.(?:[\\/]|$)/.test(way));
}

export async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
