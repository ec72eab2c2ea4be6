/** The process that tries broken inputs, one after another, and reports to its parent how each ended. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Case, Fuzzer, Outcome } from './kind';
import { findKind } from './kinds';
import { forgetPeak, peakBytes } from './memory';
import { Random } from './random';

/** From parent to worker: which cases to run. */
export interface Work {
  readonly kind: string;
  readonly seed: number;
  readonly first: number;
  readonly end: number;
}

/** From worker to parent: once it is ready, and before and after each case. */
export type Progress =
  | { readonly is: 'ready'; readonly idleBytes: number }
  | { readonly is: 'started'; readonly index: number }
  | ({ readonly is: 'ended'; readonly index: number } & Measured);

export interface Measured extends Outcome {
  readonly sample: string;
  /** CPU time of this case over all threads. */
  readonly seconds: number;
  /** Peak resident set during this case, above idle. */
  readonly bytes: number;
}

async function run({ kind, seed, first, end }: Work): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'lens-fuzz-'));
  try {
    const fuzzer = await findKind(kind).open();
    const idleBytes = process.memoryUsage.rss();
    tell({ is: 'ready', idleBytes });
    for (let index = first; index < end; index++) {
      const folder = join(root, String(index));
      mkdirSync(folder);
      tell({ is: 'started', index });
      tell({ is: 'ended', index, ...(await measured(fuzzer, new Random(seed, index), folder, idleBytes)) });
      rmSync(folder, { recursive: true, force: true });
    }
    await fuzzer.close?.();
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Making the input does not count. */
async function measured(
  fuzzer: Fuzzer,
  random: Random,
  folder: string,
  idleBytes: number,
): Promise<Measured> {
  const input = await fuzzer.make(random, folder);
  forgetPeak();
  const before = process.cpuUsage();
  const outcome = await attempted(fuzzer, input);
  const { user, system } = process.cpuUsage(before);
  const { seconds = (user + system) / 1e6, bytes = Math.max(peakBytes() - idleBytes, 0) } =
    outcome.elsewhere ?? {};
  return { ...outcome, sample: input.sample, seconds, bytes };
}

async function attempted(fuzzer: Fuzzer, input: Case): Promise<Outcome> {
  try {
    return await fuzzer.attempt(input);
  } catch (error) {
    const outcome = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { outcome, accepted: false, broken: true };
  }
}

function tell(progress: Progress): void {
  process.send?.(progress);
}

process.once('disconnect', () => process.exit()); // also where the parent was killed
process.once('message', (work: Work) => {
  run(work).then(
    () => process.disconnect(),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? '') : String(error)}\n`);
      process.exit(1);
    },
  );
});
