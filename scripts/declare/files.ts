/** Files that hold what is declared elsewhere: each is brought up to date, and whether it was not is said. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatted } from '../formatting.mjs';
import { root } from '../setup.mjs';

export const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** @param make the file's text from the present one. @returns the file's name if it was not up to date, and now is */
export async function bring(
  file: string,
  make: (present: string) => string | Promise<string>,
): Promise<readonly string[]> {
  const present = read(file);
  const text = await make(present);
  if (text === present) return [];
  writeFileSync(join(root, file), text);
  return [file];
}

/** JSON as the formatter has it in this file. */
export const json = (file: string, value: unknown): Promise<string> =>
  formatted(file, JSON.stringify(value, null, 2));
