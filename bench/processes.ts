/** Runs a process to its end and says how long it took and how much memory it held at most. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

export interface Measured {
  readonly milliseconds: number;
  /** Largest resident set, MB of 10^6 bytes; NaN where /proc does not tell. */
  readonly peakMb: number;
}

/**
 * The environment of processes that are measured, for both sides of a comparison. Where NODE_EXTRA_CA_CERTS is set, Node reads
 * all certificates of the system before it does anything else: 45 to 70 ms that belong to neither side.
 */
export function measuredEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env = { ...process.env, ...more };
  delete env['NODE_EXTRA_CA_CERTS'];
  return env;
}

/** @throws Error if the process fails */
export function measureProcess(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = measuredEnvironment(),
): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let peakMb = NaN;
    const timer = setInterval(() => (peakMb = memoryOf(child.pid)?.peakMb ?? peakMb), 20);
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

export interface Memory {
  /** Now, MB of 10^6 bytes. */
  readonly residentMb: number;
  /** The kernel's high-water mark, so that no peak between two looks is missed. */
  readonly peakMb: number;
}

/** Null where /proc does not tell, as of a process that has ended. */
export function memoryOf(pid: number | undefined): Memory | null {
  try {
    const status = readFileSync(`/proc/${pid ?? 'self'}/status`, 'utf8');
    const megabytes = (field: string): number => {
      const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
      return kilobytes === undefined ? NaN : (Number(kilobytes) * 1024) / 1e6;
    };
    const memory = { residentMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
    return Number.isNaN(memory.peakMb) ? null : memory;
  } catch {
    return null;
  }
}

/** Of this process so far, MB of 10^6 bytes; NaN where /proc does not tell. */
export const ownPeakMb = (): number => memoryOf(process.pid)?.peakMb ?? NaN;

/** Runs a TypeScript file in a fresh process and reads the JSON that it prints. @throws Error with what it said, if it fails */
export async function inFreshProcess<T>(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, ...args], {
    env,
  });
  return JSON.parse(stdout) as T;
}

/** CPU seconds of all children that have ended, and of theirs, in ticks of 10 ms; NaN where /proc does not tell. */
export function cpuOfChildren(): number {
  if (!existsSync('/proc/self/stat')) return NaN;
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const [user, system] = [fields[13], fields[14]].map(Number);
  return ((user ?? NaN) + (system ?? NaN)) / 100;
}
