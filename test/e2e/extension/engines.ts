/** The engine's process under a VS Code server, found by its command line. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VSCodeServer } from '../vscode/server';

/** Process ids of engines that descend from the server. */
async function enginePids({ pid }: VSCodeServer): Promise<readonly number[]> {
  const all = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .map(look),
  );
  const there = all.filter((process) => process !== null);
  const parents = new Map(there.map((process) => [process.pid, process.parent]));
  const descends = (child: number): boolean => {
    for (let at: number | undefined = child; at !== undefined && at > 1; at = parents.get(at))
      if (at === pid) return true;
    return false;
  };
  return there
    .filter(({ command }) => /\bengine\.js\b/.test(command))
    .map((process) => process.pid)
    .filter(descends);
}

/** Stops the engines where they are, or a report would be there before a test can do anything to it. There must be one. */
export async function heldEngines(server: VSCodeServer): Promise<readonly number[]> {
  const pids = await enginePids(server);
  if (pids.length === 0) throw new Error('No engine is running.');
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return pids;
}

/** Milliseconds of a slice: far less than an analysis takes. */
const SLICE = 40;

/** Lets stopped engines go on, a slice at a time, until what they were given has begun; they are stopped then. */
export async function heldInTheMiddle(
  pids: readonly number[],
  hasBegun: () => Promise<boolean>,
): Promise<void> {
  do {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    await sleep(SLICE);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
  } while (!(await hasBegun()));
}

async function look(pid: number): Promise<{ pid: number; parent: number; command: string } | null> {
  try {
    const [stat, command] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ]);
    // The name in parentheses may hold anything, so the fields are counted from its end.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return { pid, parent, command: command.replaceAll('\0', ' ') };
  } catch {
    return null; // ended meanwhile
  }
}
