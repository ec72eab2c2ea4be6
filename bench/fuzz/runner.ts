/** Runs the cases of a kind in worker processes: whatever a case does to its process is counted, and the next one goes on. */
import { fork } from 'node:child_process';
import type { WorkerScript } from './bundle';
import { bundled, fromSource } from './bundle';
import { findKind } from './kinds';
import { limits } from './limits';
import { statusBytes } from './memory';
import type { Measured, Progress, Work } from './worker';

export interface Tally {
  /** Cases by outcome. */
  readonly outcomes: Map<string, number>;
  readonly violations: string[];
  cases: number;
  accepted: number;
  /** CPU seconds of the slowest case. */
  slowest: number;
  /** Largest peak of a case above idle, in bytes. */
  peakBytes: number;
}

/** How often the memory of a worker is looked at, in milliseconds. */
const LOOK_MS = 100;

/** The cases of `work`, one after another. A case over a limit is tried again in a process of its own before it counts. */
export async function runCases(work: Work): Promise<Tally> {
  const script = findKind(work.kind).bundled === true ? await bundled(work.kind) : fromSource;
  try {
    return await runAll(work, script);
  } finally {
    await script.remove();
  }
}

async function runAll(work: Work, script: WorkerScript): Promise<Tally> {
  const tally: Tally = {
    outcomes: new Map(),
    violations: [],
    cases: 0,
    accepted: 0,
    slowest: 0,
    peakBytes: 0,
  };
  for (let first = work.first; first < work.end;) {
    const next = await runWorker(script, { ...work, first }, (index, result) => {
      if (isMeasured(result) && isOver(result)) return 'again';
      record(tally, index, result);
      return 'on';
    });
    if (next.again === null) {
      first = next.index;
      continue;
    }
    const alone = { ...work, first: next.again, end: next.again + 1 };
    await runWorker(script, alone, (index, result) => {
      record(tally, index, result);
      return 'on';
    });
    first = next.again + 1;
  }
  return tally;
}

/** What became of a case: measured, or the way in which it ended its process. */
type Result = Measured | { readonly ended: string };

const isMeasured = (result: Result): result is Measured => !('ended' in result);
const isSlow = ({ seconds, layers = 0 }: Measured): boolean =>
  seconds > limits.seconds + layers * limits.secondsPerLayer;
const isOver = (result: Measured): boolean => isSlow(result) || result.bytes > limits.bytes;

function record(tally: Tally, index: number, result: Result): void {
  tally.cases++;
  if (!isMeasured(result)) {
    tally.violations.push(`case ${index} ${result.ended}`);
    return;
  }
  const { sample, outcome, accepted, broken, seconds, bytes } = result;
  tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
  tally.accepted += Number(accepted);
  tally.slowest = Math.max(tally.slowest, seconds);
  tally.peakBytes = Math.max(tally.peakBytes, bytes);
  const fail = (what: string): void => void tally.violations.push(`case ${index} (${sample}): ${what}`);
  if (broken) fail(outcome);
  if (isSlow(result)) fail(`${seconds.toFixed(1)} s of CPU time (${outcome})`);
  if (bytes > limits.bytes) fail(`${mebibytes(bytes)} MiB above idle (${outcome})`);
}

export const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

interface Next {
  /** The next case to run. */
  readonly index: number;
  /** A case to be run once more, alone. */
  readonly again: number | null;
}

/** Runs cases in a process of their own until it ends, by itself or otherwise, or a case is to be run again. */
function runWorker(
  { path, execArgv }: WorkerScript,
  work: Work,
  took: (index: number, result: Result) => 'on' | 'again',
): Promise<Next> {
  return new Promise((resolve, reject) => {
    const child = fork(path, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [...execArgv] });
    let output = '';
    child.stderr?.on('data', (data: Buffer) => (output = (output + data.toString()).slice(-2000)));
    let ready = false;
    /** The case under way. */
    let current: number | null = null;
    let next = work.first;
    let again: number | null = null;
    let killed: string | null = null;
    let idle = 0;
    let clock: NodeJS.Timeout | undefined;
    const kill = (why: string): void => {
      killed ??= why;
      child.kill('SIGKILL');
    };
    const look = setInterval(() => {
      const bytes = ready && child.pid !== undefined ? (statusBytes(child.pid, 'VmRSS') ?? 0) - idle : 0;
      if (bytes > limits.killBytes) kill(`took ${mebibytes(bytes)} MiB above idle and was killed`);
    }, LOOK_MS);
    child.on('message', (progress: Progress) => {
      clearTimeout(clock);
      if (again !== null) return;
      if (progress.is === 'ready') {
        ready = true;
        idle = progress.idleBytes;
      } else if (progress.is === 'started') {
        current = progress.index;
        clock = setTimeout(() => kill(`did not end in ${limits.clockSeconds} s`), limits.clockSeconds * 1000);
      } else {
        current = null;
        next = progress.index + 1;
        if (took(progress.index, progress) === 'again') {
          again = progress.index;
          child.kill('SIGKILL');
        }
      }
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(clock);
      clearInterval(look);
      if (again === null && current !== null) {
        const end =
          code === null ? `ended the process with ${String(signal)}` : `ended the process (${code})`;
        took(current, { ended: `${killed ?? end}${output === '' ? '' : `: ${output.trim()}`}` });
        next = current + 1;
      } else if (again === null && next < work.end) {
        reject(new Error(`The worker for ${work.kind} ended before case ${next}: ${output}`));
        return;
      }
      resolve({ index: next, again });
    });
    child.send(work);
  });
}
