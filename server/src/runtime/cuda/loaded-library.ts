/** Which file Linux's loader takes for a library, or why it takes none. */
import { accessSync, constants, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readSharedLibrary } from './elf';
import type { LibrarySearch } from './library-search';
import { findLibrary, otherFolders, otherVersions } from './library-search';

export interface LoadedLibrary {
  readonly name: string;
  readonly path: string;
  /** Other files of this name on the loader's way that it does not come to. */
  readonly passedOver: readonly string[];
}

export interface LibraryFault {
  readonly name: string;
  /** What was found instead, with its path. */
  readonly text: string;
  /** Where it is, if it is only where the loader does not look. */
  readonly folder: string | null;
  /** Whether the file is there and only its permissions are wrong. */
  readonly unreadable: boolean;
}

export const isFault = (found: LoadedLibrary | LibraryFault): found is LibraryFault => 'text' in found;

/**
 * As glibc does it (elf/dl-load.c): a link to nothing, a file that may not be read and one for another CPU
 * are skipped; a damaged file ends the search.
 * @param folders in the loader's order
 */
export function loadLibrary(
  name: string,
  search: LibrarySearch,
  folders: readonly string[],
): LoadedLibrary | LibraryFault {
  const fault = (text: string, more: Partial<LibraryFault> = {}): LibraryFault => ({
    ...{ name, text, folder: null, unreadable: false },
    ...more,
  });
  const notes: string[] = [];
  let unreadable = false;
  const paths = folders.map((folder) => join(folder, name)).filter(isEntry);
  for (const [i, path] of paths.entries()) {
    const target = danglingTarget(path);
    if (target !== null) {
      notes.push(`${path} is a link to ${target}, which does not exist`);
    } else if (!isReadable(path)) {
      unreadable = true;
      notes.push(`${path} cannot be read`);
    } else {
      const machine = readSharedLibrary(path)?.machine;
      if (machine === 'x86-64') return { name, path, passedOver: others(path, paths.slice(i + 1)) };
      if (machine === undefined) return fault([...notes, `${path} is not a complete library`].join('; '));
      notes.push(`${path} is for ${machine}`);
    }
  }
  if (notes.length > 0) return fault(notes.join('; '), { unreadable });
  const beyond = otherFolders(search);
  const misplaced = findLibrary(name, beyond);
  if (misplaced !== null) {
    const folder = dirname(misplaced);
    return fault(`${name} is in ${folder}, where the loader does not look`, { folder });
  }
  const instead = otherVersions(name, [...folders, ...beyond]);
  return fault(
    instead.length === 0 ? `${name} was not found` : `${name} was not found, but ${instead.join(' and ')}`,
  );
}

function isEntry(path: string): boolean {
  try {
    return !lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}

function danglingTarget(path: string): string | null {
  try {
    realpathSync(path);
    return null;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'EACCES') return null; // there, in a folder that may not be entered
    try {
      return readlinkSync(path);
    } catch {
      return null;
    }
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

const real = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};

/** Where they really are: `/lib` and `/usr/lib` are often one folder, `/usr/local/cuda` is a link to a version. */
const others = (path: string, rest: readonly string[]): readonly string[] => {
  const targets = rest.filter((other) => danglingTarget(other) === null).map(real);
  return [...new Set(targets)].filter((other) => other !== real(path));
};

/** The name of the file that the links lead to, which holds the whole version: `libcudart.so.13.0.96`. */
export const realName = (path: string): string => basename(real(path));
