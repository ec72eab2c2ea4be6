/** Which mappings a process holds its memory in, from /proc/<pid>/smaps when it held most (Linux only). */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

export interface Holding {
  /** A file's name, or what the kernel calls the mapping. */
  readonly name: string;
  /** Resident, MB of 10^6 bytes. */
  readonly mb: number;
}

/** Milliseconds between two looks. */
const EVERY = 15;

/** Runs a process to its end. @returns largest first; empty where /proc does not tell. @throws Error if it fails */
export function heldAtPeak(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<readonly Holding[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: 'ignore' });
    let most = { kb: 0, mb: 0, held: [] as readonly Holding[] };
    const timer = setInterval(() => {
      const { pid } = child;
      const kb = Number(/^Rss:\s+(\d+)/m.exec(read(pid, 'smaps_rollup'))?.[1] ?? 0);
      if (kb <= most.kb) return;
      // Read a moment later, when the process may be ending: what it held then counts only if it is more.
      const held = holdings(read(pid, 'smaps'));
      const mb = held.reduce((sum, each) => sum + each.mb, 0);
      if (mb > most.mb) most = { kb, mb, held };
    }, EVERY);
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      if (code === 0) resolve(most.held);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${String(code)}`));
    });
  });
}

/** @param smaps the text of /proc/<pid>/smaps */
export function holdings(smaps: string): readonly Holding[] {
  const held = new Map<string, number>();
  let name = '';
  for (const line of smaps.split('\n')) {
    const mapping = /^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+\s*(.*)$/.exec(line);
    if (mapping !== null) name = mapping[1] === '' ? 'anonymous' : basename(mapping[1] ?? '');
    const kb = /^Rss:\s+(\d+) kB/.exec(line)?.[1];
    if (kb !== undefined) held.set(name, (held.get(name) ?? 0) + (Number(kb) * 1024) / 1e6);
  }
  return [...held].map(([of, mb]) => ({ name: of, mb })).sort((a, b) => b.mb - a.mb);
}

function read(pid: number | undefined, file: string): string {
  try {
    return readFileSync(`/proc/${String(pid)}/${file}`, 'utf8');
  } catch {
    return ''; // it has ended, or this is not Linux
  }
}
