/** Lenses by name, if they ship, else by path. */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { FileRefusal, readFileBelow, withFileAt } from '../../../files/regular-file';
import { LENS_SUFFIX } from '../../../protocol/lens';
import { nearestName } from '../architectures/edit-distance';
import { LensError } from '../errors';
import { once } from '../system/once';
import { projectRoot } from '../system/paths';
import type { ParsedLens } from './parse';
import { MOST_BYTES, parseLens, parseOwnLens } from './parse';

export interface NamedLens extends ParsedLens {
  /** Of a built-in lens its id, else the file's name without its ending. */
  readonly name: string;
  /** Absolute; null for lenses that ship. */
  readonly path: string | null;
  /** The folder that relative paths in it start at; null where it may not name files. */
  readonly folder: string | null;
  /** Ships, or was derived from what the model's writer left: its steps then omit what the graph does itself. */
  readonly derived: boolean;
}

const builtInFolder = (): string => join(projectRoot(), 'models', 'lenses');

export function builtInLenses(): readonly string[] {
  return readdirSync(builtInFolder())
    .filter((name) => name.endsWith(LENS_SUFFIX))
    .map((name) => name.slice(0, -LENS_SUFFIX.length))
    .sort();
}

/** Null if none has that name. */
export function builtInLens(name: string): NamedLens | null {
  const known = shipped().get(name);
  return known === undefined ? null : known();
}

/** Every analysis asks for some of them several times. */
const shipped = once(() => new Map(builtInLenses().map((name) => [name, once(() => ownLens(name))])));

function ownLens(name: string): NamedLens {
  const text = readFileSync(join(builtInFolder(), `${name}${LENS_SUFFIX}`), 'utf8');
  // Their files are in models/, beside the folder of the lenses.
  const folder = join(projectRoot(), 'models');
  return { ...parseOwnLens(text, `${name}${LENS_SUFFIX}`), name, path: null, folder, derived: true };
}

/** The text of a lens that ships, with its comments. */
export const builtInText = (name: string): string =>
  readFileSync(join(builtInFolder(), `${name}${LENS_SUFFIX}`), 'utf8');

/** A lens of a file, with its text. */
export interface FileLens extends NamedLens {
  readonly path: string;
  readonly text: string;
}

const looksLikePath = (text: string): boolean => /[/\\]/.test(text) || text.endsWith('.json');

/**
 * A built-in lens by its name, else a file; for a file with the name of a built-in lens, write ./name.
 * @throws LensError of kind `usage` if there is neither, or the file is not a lens
 */
export async function openLens(nameOrPath: string): Promise<NamedLens> {
  if (looksLikePath(nameOrPath)) return readLens(resolve(nameOrPath));
  const known = builtInLens(nameOrPath);
  if (known !== null) return known;
  const names = builtInLenses();
  const nearest = nearestName(nameOrPath, names);
  throw new LensError('usage', `There is no lens "${nameOrPath}".`, {
    fix:
      `${nearest === null ? '' : `Did you mean "${nearest}"? `}Built in are ${names.join(', ')}; ` +
      `a file is named by its path, which ends with ${LENS_SUFFIX}.`,
  });
}

/** @param path absolute @throws LensError of kind `usage` naming the file */
export const readLens = async (path: string): Promise<FileLens> => lensOf(await readText(path), path);

/**
 * A lens that nobody named: it may have come with its folder, so it may not be a link to a file elsewhere.
 * @throws LensError of kind `usage` naming the file
 */
export async function readOwnLens(path: string): Promise<FileLens> {
  const name = 'the lens of the model beside it';
  const fix = 'Put the file itself there, or move this one away.';
  const read = (): Promise<Buffer> => readFileBelow(dirname(path), basename(path), MOST_BYTES);
  return lensOf(await textOf(path, read, { name, fix }), path);
}

/** Parses a lens whose text need not be on disk yet. @throws LensError of kind `usage` naming the file */
export const lensOf = (text: string, path: string): FileLens => ({
  ...{ ...parseLens(text, path), name: lensName(path), path, text },
  ...{ folder: dirname(path), derived: false },
});

/** `mine` of `/models/mine.lens.json`. */
function lensName(path: string): string {
  const name = basename(path);
  return name.endsWith(LENS_SUFFIX) ? name.slice(0, -LENS_SUFFIX.length) : name.replace(/\.jsonc?$/, '');
}

/** @param name what the file should be, for messages @param keepsMark whether a byte order mark stays in the text @throws LensError of kind `usage` naming the file */
export const readText = (path: string, keepsMark = false, name = 'a lens'): Promise<string> =>
  textOf(path, () => withFileAt(path, MOST_BYTES, ({ bytes, read }) => read(0, bytes)), { name, keepsMark });

async function textOf(
  path: string,
  read: () => Promise<Buffer>,
  { name, fix, keepsMark = false }: { name: string; fix?: string; keepsMark?: boolean },
): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: keepsMark }).decode(await read());
  } catch (thrown) {
    if (thrown instanceof FileRefusal)
      throw new LensError('usage', `${path}: expected ${name}, ${thrown.message}.`, {
        cause: thrown,
        ...(fix === undefined ? {} : { fix }),
      });
    if (thrown instanceof TypeError)
      throw new LensError('usage', `${path}: expected ${name} in UTF-8, found other bytes.`);
    throw thrown;
  }
}
