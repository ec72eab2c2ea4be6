/**
 * A lock between processes: a file that names its holder, is touched while it is held, and is taken over from
 * dead processes.
 */
import { randomUUID } from 'node:crypto';
import { link, open, readFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cancelled, throwIfAborted } from '../errors';
import { isAbandoned } from './abandoned';
import type { Owner } from '../../../files/owner';
import { parseOwner, thisProcess } from '../../../files/owner';

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once if another process holds the lock; null where the file does not say which. */
  readonly waiting?: ((holder: Owner | null) => void) | undefined;
}

const TOUCH_MS = 5_000;

/** A holder that is not known to live and has not touched its file for so long has died, or is of a machine that has. */
const DEAD_AFTER_MS = 60_000;

const POLL_MS = 200;

/**
 * Waits until no other process holds `path`, runs `work`, and releases the lock, also after a failure. Locks
 * of killed processes are taken over.
 * @param path of a file that is there only while the lock is held; its folder must exist
 * @throws what the file system throws, and LensError 'cancelled' if the signal is aborted while waiting
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  { signal, waiting }: LockOptions = {},
): Promise<T> {
  const text = JSON.stringify({ ...thisProcess(), token: randomUUID() });
  for (let announced = false; !(await tryCreate(path, text));) {
    throwIfAborted(signal);
    const holder = await readLock(path);
    if (holder === null) continue; // just released
    if (isStale(holder)) {
      await takeAway(path, holder.text);
      continue;
    }
    if (!announced) waiting?.(parseOwner(holder.text));
    announced = true;
    await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal }).catch((thrown: unknown) => {
      throw cancelled(thrown);
    });
  }
  const touching = setInterval(() => void touch(path), TOUCH_MS).unref();
  try {
    return await work();
  } finally {
    clearInterval(touching);
    if ((await readLock(path))?.text === text) await rm(path, { force: true });
  }
}

/** With what a process leaves that is killed while it takes a lock away: `<lock>.<uuid>`. */
const LOCK_NAME = /\.lock(\.[0-9a-f-]{36})*$/;

/** Removes stale locks in `folder`, including those that nobody will request again. Best effort. */
export async function removeStaleLocks(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!LOCK_NAME.test(name)) continue;
    const path = join(folder, name);
    const held = await readLock(path).catch(() => null);
    if (held !== null && isStale(held)) await takeAway(path, held.text).catch(() => undefined);
  }
}

async function tryCreate(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
}

interface Held {
  readonly text: string;
  readonly touchedAt: number;
}

/** Null if it is not there. */
async function readLock(path: string): Promise<Held | null> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    return { text, touchedAt: mtimeMs };
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
}

/** A file that names nobody was left between its making and its first byte. */
const isStale = ({ text, touchedAt }: Held): boolean =>
  isAbandoned(parseOwner(text), Date.now() - touchedAt, {
    ownerlessMs: DEAD_AFTER_MS,
    unknownMs: DEAD_AFTER_MS,
  });

/** Of several who find the same dead holder, the one whose rename succeeds removes it. */
async function takeAway(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw thrown;
  }
  // A live process took the lock between the check and the rename: it is theirs.
  if ((await readFile(aside, 'utf8')) !== text) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined); // taken away meanwhile
}
