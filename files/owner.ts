/** Which process a file belongs to, as its name or its text says, and whether that process still lives. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

export interface Owner {
  readonly pid: number;
  readonly host: string;
  /**
   * When it started, in clock ticks since the machine did: a later process may get the same id. Null where
   * the system does not report it.
   */
  readonly started: number | null;
}

export const thisProcess = (): Owner => ({
  pid: process.pid,
  host: hostname(),
  started: statusOf(process.pid)?.started ?? null,
});

/** Null for a text that names no owner. */
export function parseOwner(text: string): Owner | null {
  try {
    const owner: unknown = JSON.parse(text);
    if (typeof owner !== 'object' || owner === null) return null;
    const { pid, host, started } = owner as Record<string, unknown>;
    return typeof pid === 'number' && Number.isInteger(pid) && pid > 0 && typeof host === 'string'
      ? { pid, host, started: typeof started === 'number' ? started : null }
      : null;
  } catch {
    return null;
  }
}

/**
 * A name that identifies its owner from the moment it exists; a unique suffix must follow.
 * @param start what it begins with
 */
export const ownedName = (start: string, { pid, host, started } = thisProcess()): string =>
  `${start}p${pid}-s${started ?? ''}-h${hashOf(host)}-`;

/** The owner in a name made by `ownedName`; null for any other. Of another host only a hash is known. */
export function ownerInName(name: string): Owner | null {
  const found = /^.*p(\d+)-s(\d*)-h([0-9a-f]{12})-/.exec(name);
  if (found === null) return null;
  const [, pid, started, host = ''] = found;
  return {
    pid: Number(pid),
    host: host === hashOf(hostname()) ? hostname() : host,
    started: started === '' ? null : Number(started),
  };
}

/** Host names may hold what file names may not. */
const hashOf = (host: string): string => createHash('sha256').update(host).digest('hex').slice(0, 12);

/** Unknown: of another host's process, and of an id that is in use where no start time says by whom. */
export function stateOf({ pid, host, started }: Owner): 'alive' | 'dead' | 'unknown' {
  if (host !== hostname()) return 'unknown';
  if (!isInUse(pid)) return 'dead';
  const status = statusOf(pid);
  if (status === null) return 'unknown';
  if (status.hasEnded) return 'dead';
  if (started === null) return 'unknown';
  return started === status.started ? 'alive' : 'dead';
}

/** Signal 0 only tests; EPERM means that it is alive and belongs to another user. */
function isInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** From /proc/<pid>/stat (man 5 proc); null where there is none. */
function statusOf(pid: number): { readonly started: number; readonly hasEnded: boolean } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Field 2 is the command's name in parentheses, which may hold spaces and parentheses; field 3 follows the last one.
    const [state = '', ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const started = Number(rest[22 - 4]);
    // A zombie has ended and waits for its parent to ask how.
    return Number.isInteger(started) ? { started, hasEnded: state === 'Z' || state === 'X' } : null;
  } catch {
    return null;
  }
}
