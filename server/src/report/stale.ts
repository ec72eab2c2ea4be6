/** Temporary report folders whose process has died: found by the owner they name, and removed. */

import { lstat, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** `.<process id>.partial`, beside the reports. */
export const partialName = (id: string): string => `.${id}.partial`;

const PARTIAL = /^\..+_inference_.+\.partial$/;

/** Names the process that writes the folder; removed before the folder gets its final name. */
export const OWNER_FILE = 'owner.json';

/** A folder that names no owner was left between two system calls; it is certainly dead after this time. */
const OWNERLESS_AFTER_MS = 3_600_000;

export function writeOwner(folder: string): Promise<void> {
  return writeFile(join(folder, OWNER_FILE), JSON.stringify({ pid: process.pid, host: hostname() }));
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
    return owner.host === hostname() && !isAlive(owner.pid);
  } catch {
    return false;
  }
}

async function readOwner(folder: string): Promise<{ pid: number; host: string } | null> {
  try {
    const owner: unknown = JSON.parse(await readFile(join(folder, OWNER_FILE), 'utf8'));
    if (typeof owner !== 'object' || owner === null) return null;
    const { pid, host } = owner as Record<string, unknown>;
    return typeof pid === 'number' && Number.isInteger(pid) && pid > 0 && typeof host === 'string'
      ? { pid, host }
      : null;
  } catch {
    return null;
  }
}

/** Signal 0 only asks; EPERM means that it lives and belongs to someone else. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
