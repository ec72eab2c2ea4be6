/** Which process a file belongs to, as it says itself, and whether that process still lives. */
import { hostname } from 'node:os';

export interface Owner {
  readonly pid: number;
  readonly host: string;
}

export const thisProcess = (): Owner => ({ pid: process.pid, host: hostname() });

/** Null for a text that names no owner. */
export function parseOwner(text: string): Owner | null {
  try {
    const owner: unknown = JSON.parse(text);
    if (typeof owner !== 'object' || owner === null) return null;
    const { pid, host } = owner as Record<string, unknown>;
    return typeof pid === 'number' && Number.isInteger(pid) && pid > 0 && typeof host === 'string'
      ? { pid, host }
      : null;
  } catch {
    return null;
  }
}

/** Of another machine's process nothing is known. */
export const isKnownDead = ({ pid, host }: Owner): boolean => host === hostname() && !isAlive(pid);

/** Signal 0 only asks; EPERM means that it lives and belongs to someone else. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
