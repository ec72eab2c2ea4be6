/** `*` and `?` within a name, `**` for any folders: expanded as shells do, for those that do not. */
import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join, parse, sep } from 'node:path';
import { isGlob, matchesGlob } from '../system/glob';

/**
 * Files and folders that exist, sorted within their folder by code unit. Hidden ones and what lies below links to folders
 * are left out, except where the pattern names them.
 * @param pattern absolute
 */
export async function matching(pattern: string): Promise<readonly string[]> {
  const { root } = parse(pattern);
  const parts = pattern
    .slice(root.length)
    .split(sep)
    .filter((part) => part !== '');
  return [...new Set(await below(root, parts))];
}

async function below(folder: string, parts: readonly string[]): Promise<readonly string[]> {
  const [part, ...rest] = parts;
  if (part === undefined) return [folder];
  if (part === '**') return anyDepth(folder, rest);
  if (!isGlob(part)) {
    const path = join(folder, part);
    return (await lstat(path).catch(() => null)) === null ? [] : below(path, rest);
  }
  const found: string[] = [];
  for (const entry of await entriesOf(folder))
    if (isNamed(part, entry.name)) found.push(...(await below(join(folder, entry.name), rest)));
  return found;
}

/** No folder, one, or several on the way. As the last part it means everything below. */
async function anyDepth(folder: string, rest: readonly string[]): Promise<readonly string[]> {
  const found = [...(await below(folder, rest.length > 0 ? rest : ['*']))];
  if (rest.length === 0) return found; // folders among them bring what is below
  for (const entry of await entriesOf(folder))
    if (entry.isDirectory()) found.push(...(await anyDepth(join(folder, entry.name), rest)));
  return found;
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
}

const isNamed = (part: string, name: string): boolean =>
  matchesGlob(part, name, { ignoreCase: process.platform === 'win32' });
