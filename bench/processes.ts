/** Runs a process to its end and says how long it took and how much memory it held at most. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Measured {
  readonly milliseconds: number;
  /** Largest resident set, MB of 10^6 bytes; NaN where /proc does not tell. */
  readonly peakMb: number;
}

/** @throws Error if the process fails */
export function measureProcess(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let peakMb = NaN;
    const timer = setInterval(() => (peakMb = peakOf(child.pid) ?? peakMb), 20);
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => (stderr = (stderr + data.toString()).slice(-2000)));
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      const milliseconds = performance.now() - start;
      if (code === 0) resolve({ milliseconds, peakMb });
      else reject(new Error(`${command} ${args.join(' ')} ended with ${String(code)}: ${stderr}`));
    });
  });
}

/** The kernel's high-water mark, so that no peak between two looks is missed. */
function peakOf(pid: number | undefined): number | null {
  try {
    const status = readFileSync(`/proc/${pid ?? 'self'}/status`, 'utf8');
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(status)?.[1];
    return kilobytes === undefined ? null : (Number(kilobytes) * 1024) / 1e6;
  } catch {
    return null;
  }
}
