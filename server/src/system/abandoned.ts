/** Removes at the next start what killed processes left, judged by the owner that it names, else by its age. */
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Owner } from '../../../files/owner';
import { ownerInName, stateOf } from '../../../files/owner';

export interface Limits {
  /** An entry without an owner counts as abandoned when it was not written for this long. */
  readonly ownerlessMs: number;
  /** The same for an owner about whom nothing is known; by default its work never counts as abandoned. */
  readonly unknownMs?: number;
}

export interface Abandoned extends Limits {
  /** Of entries that are looked at; all by default. */
  readonly matches?: (name: string) => boolean;
  /** A file in the entry that is written all the time: where there is one, its age counts. */
  readonly writtenFile?: string;
  /** For tests and for those who count from another time. */
  readonly now?: number;
}

/** Whether work of `owner` that was last written `idleMs` ago is abandoned. Work of a live process never is. */
export function isAbandoned(
  owner: Owner | null,
  idleMs: number,
  { ownerlessMs, unknownMs = Infinity }: Limits,
): boolean {
  if (owner === null) return idleMs > ownerlessMs;
  const state = stateOf(owner);
  return state === 'dead' || (state === 'unknown' && idleMs > unknownMs);
}

/** Removes the abandoned entries of `folder`. Best effort: what cannot be judged or removed stays. */
export async function removeAbandoned(folder: string, rules: Abandoned): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (rules.matches?.(name) === false) continue;
    const path = join(folder, name);
    try {
      const { mtimeMs } = await lstat(path);
      const { writtenFile, now = Date.now() } = rules;
      const written =
        writtenFile === undefined ? null : await lstat(join(path, writtenFile)).catch(() => null);
      if (isAbandoned(ownerInName(name), now - (written?.mtimeMs ?? mtimeMs), rules))
        await rm(path, { recursive: true, force: true });
    } catch {
      // Windows keeps what another process has open or mapped.
    }
  }
}
