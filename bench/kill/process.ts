/** A process that is killed after a while, unless it ends first. */
import { spawn } from 'node:child_process';
import type { Ending } from './kind';

export interface Ended {
  readonly ending: Ending;
  readonly code: number | null;
  readonly stderr: string;
  /** Milliseconds from its start to its end. */
  readonly ms: number;
}

/** @param afterMs null lets it end by itself */
export function runUntilKilled(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  afterMs: number | null,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    const timer = afterMs === null ? null : setTimeout(() => child.kill('SIGKILL'), afterMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (timer !== null) clearTimeout(timer);
      const ending: Ending = signal === 'SIGKILL' ? 'killed' : 'finished first';
      resolve({ ending, code, stderr, ms: performance.now() - start });
    });
  });
}
