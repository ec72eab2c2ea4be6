/** Paths and the folders that hold them. */
import { realpath } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';

/** Whether a path is a folder or lies below it; both absolute. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!isAbsolute(way) && !/^\.\.(?:[\\/]|$)/.test(way));
}

/** Real paths: of what a path leads to, and of the folder that it has to lie below. */
export interface Resolved {
  readonly path: string;
  readonly root: string;
  readonly isBelow: boolean;
}

/**
 * Where a path leads once links are resolved. What is read must be looked at again once it is open (`opened.ts`): a link may be replaced
 * in between.
 * @throws what the file system throws where one of the two is not there
 */
export async function resolvedIn(folder: string, path: string): Promise<Resolved> {
  const [root, real] = await Promise.all([realpath(folder), realpath(path)]);
  return { path: real, root, isBelow: isInside(real, root) };
}

/** `isInside` with links resolved; false for what is not there. */
export const isReallyInside = (path: string, folder: string): Promise<boolean> =>
  resolvedIn(folder, path).then(
    ({ isBelow }) => isBelow,
    () => false,
  );
