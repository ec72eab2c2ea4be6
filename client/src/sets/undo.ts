/** What was written to one file at the reader's word, and how it was before: taken back as long as nobody has changed it since. */
import { readFile, rm, writeFile } from 'node:fs/promises';

/** Null where there is no such file. */
export const contentOf = (path: string): Promise<Buffer | null> => readFile(path).catch(() => null);

/** @param before null where the file was created @returns false where the file has changed since, and stays as it is */
export async function takeBack(
  path: string,
  before: Buffer | null,
  written: Buffer | null,
): Promise<boolean> {
  const now = await contentOf(path);
  if (now === null || written === null || !now.equals(written)) return false;
  await (before === null ? rm(path) : writeFile(path, before));
  return true;
}
