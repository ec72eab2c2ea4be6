/**
 * Fuzzes the checkpoint readers: mutates the fixtures, opens each result and reads all of its tensors.
 *
 *     node --import tsx bench/fuzz/checkpoints.ts --seed 1 --count 20000
 *     node --import tsx bench/fuzz/checkpoints.ts --seed 1 --only 1234 --write case.pth
 *
 * Exits with 1 after a crash, a case that took more than 2 s of processor time (or 60 s on the clock), a process that
 * grew beyond 512 MiB, or anything thrown that is not a CheckpointError. The second form writes one case to a file.
 */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeCase } from './mutate';
import { Random } from './random';
import { loadSamples } from './worker';
import type { Progress, Work } from './worker';

const limits = { seconds: 2, clockSeconds: 60, bytes: 512 * 2 ** 20 };

interface Tally {
  readonly outcomes: Map<string, number>;
  readonly violations: string[];
  cases: number;
  slowest: number;
  peakBytes: number;
}

async function fuzz(seed: number, count: number): Promise<Tally> {
  const tally: Tally = { outcomes: new Map(), violations: [], cases: 0, slowest: 0, peakBytes: 0 };
  for (let first = 0; first < count;) first = await runWorker({ seed, first, end: count }, tally);
  return tally;
}

/** Runs cases in a process of their own until it ends, by itself or otherwise; returns the next case to run. */
function runWorker(work: Work, tally: Tally): Promise<number> {
  return new Promise((resolve) => {
    const child = fork(join(__dirname, 'worker.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    let current = work.first;
    let next = work.first;
    let watch: NodeJS.Timeout | undefined;
    child.on('message', (progress: Progress) => {
      clearTimeout(watch);
      if (progress.kind === 'started') {
        current = progress.index;
        watch = setTimeout(() => {
          tally.violations.push(`case ${current} did not end in ${limits.clockSeconds} s`);
          child.kill('SIGKILL');
        }, limits.clockSeconds * 1000);
        return;
      }
      next = progress.index + 1;
      record(progress, tally);
    });
    child.on('exit', (code, signal) => {
      clearTimeout(watch);
      if (next >= work.end) {
        resolve(work.end);
        return;
      }
      if (signal !== 'SIGKILL')
        tally.violations.push(`case ${current} ended the process (${signal ?? code})`);
      tally.cases++;
      resolve(Math.max(next, current) + 1);
    });
    child.send(work);
  });
}

function record(progress: Extract<Progress, { kind: 'ended' }>, tally: Tally): void {
  const { index, sample, outcome, broken, seconds, peakBytes } = progress;
  tally.cases++;
  tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
  tally.slowest = Math.max(tally.slowest, seconds);
  if (broken) tally.violations.push(`case ${index} (${sample}): ${outcome}`);
  if (seconds > limits.seconds) tally.violations.push(`case ${index} (${sample}): ${seconds.toFixed(1)} s`);
  if (peakBytes > limits.bytes && tally.peakBytes <= limits.bytes) {
    tally.violations.push(`case ${index} (${sample}): ${mebibytes(peakBytes)} MiB`);
  }
  tally.peakBytes = Math.max(tally.peakBytes, peakBytes);
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

function report(seed: number, tally: Tally): void {
  const rows = [...tally.outcomes].sort((a, b) => b[1] - a[1]);
  for (const [outcome, cases] of rows)
    console.log(`${String(cases).padStart(7)}  ${outcome.split('\n')[0] ?? ''}`);
  console.log(
    `\nseed ${seed}: ${tally.cases} cases, ${rows.length} outcomes, slowest ${tally.slowest.toFixed(2)} s of processor ` +
      `time, largest process ${mebibytes(tally.peakBytes)} MiB, ${tally.violations.length} violations`,
  );
  for (const violation of tally.violations) console.log(`VIOLATION ${violation}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '20000' },
      only: { type: 'string' },
      write: { type: 'string' },
    },
  });
  const seed = Number(values.seed);
  if (values.only !== undefined && values.write !== undefined) {
    const { sample, bytes } = makeCase(await loadSamples(), new Random(seed, Number(values.only)));
    writeFileSync(values.write, bytes);
    console.log(`${values.write}: ${bytes.length} bytes made from ${sample.name}`);
    return;
  }
  const tally = await fuzz(seed, Number(values.count));
  report(seed, tally);
  if (tally.violations.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
