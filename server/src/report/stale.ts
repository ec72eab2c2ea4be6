/** Temporary report folders whose process has died: found by the owner they name, and removed. */

import { lstat, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Owner } from '../runtime/owner';
import { isKnownDead, parseOwner, thisProcess } from '../runtime/owner';

/** `.<process id>.partial`, beside the reports. */
export const partialName = (id: string): string => `.${id}.partial`;

const PARTIAL = /^\..+_inference_.+\.partial$/;

/** Names the process that writes the folder; removed before the folder gets its final name. */
export const OWNER_FILE = 'owner.json';

/** A folder that names no owner was left between two system calls; it is certainly dead after this time. */
const OWNERLESS_AFTER_MS = 3_600_000;

export function writeOwner(folder: string): Promise<void> {
  return writeFile(join(folder, OWNER_FILE), JSON.stringify(thisProcess()));
}

/** Removes what dead processes of this machine left in `output`. Best effort: whatever cannot be judged stays. */
export async function removeStale(output: string): Promise<void> {
  const names = await readdir(output).catch(() => []);
  for (const name of names) {
    const folder = join(output, name);
    if (PARTIAL.test(name) && (await isStale(folder))) {
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

async function isStale(folder: string): Promise<boolean> {
  try {
    const stat = await lstat(folder);
    if (!stat.isDirectory()) return false;
    const owner = await readOwner(folder);
    if (owner === null) return Date.now() - stat.mtimeMs > OWNERLESS_AFTER_MS;
    return isKnownDead(owner);
  } catch {
    return false;
  }
}

async function readOwner(folder: string): Promise<Owner | null> {
  return parseOwner(await readFile(join(folder, OWNER_FILE), 'utf8').catch(() => ''));
}
