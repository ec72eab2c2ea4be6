/** What killed processes leave: found by the owner that it names, else by its age, and removed at the next start. */
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Owner } from './owner';
import { ownerInName, stateOf } from './owner';

export interface Limits {
  /** What names no owner is abandoned when it was not written for so long. */
  readonly ownerlessMs: number;
  /** The same for an owner of whom nothing is known; by default its work is never taken for abandoned. */
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

/** Whether the work of `owner` that was last written `idleMs` ago is nobody's. What a live process owns never is. */
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
