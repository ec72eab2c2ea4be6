/** `npm run bench:peers`: this project and the Python reference pipeline in turn, on one image with the same threads. */
import { mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseAnalyze } from '../server/src/cli/options';
import { analyze } from '../server/src/pipeline/run';
import { Workbench } from '../server/src/pipeline/workbench';
import { projectRoot } from '../server/src/runtime/paths';
import { describeMachine } from './machine';
import { startPeer } from './peer';
import { measureProcess } from './processes';
import { median, table } from './table';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: '.venv/bin/python' },
    repeats: { type: 'string', default: '10' },
    cold: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
  },
});

const root = projectRoot();
const sample = join(root, 'samples', 'portrait.png');
const box = '200,208,442,450';
const script = join(root, 'bench', 'peers', 'reference_pipeline.py');
/** Neither side detects: RetinaFace's weights cannot be had here, and its time would flatter us. */
const peerArgs = ['--image', sample, '--box', box, '--threads', values.threads, '--detector', 'none'];
const ours = ['--box', box, '--threads', values.threads, '--device', 'cpu'];

async function main(): Promise<void> {
  if (!existsSync(values.python)) {
    throw new Error(
      `${values.python} is missing: bench/peers/README.md says how to make it, or give --python.`,
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'lens-peers-'));
  try {
    console.log(`${describeMachine()}, ${values.threads} threads\n`);
    console.log(await warm(folder));
    console.log(`\n${await cold(folder)}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** In turn within one minute, so that the machine's mood hits both. The first of each is not counted. */
async function warm(folder: string): Promise<string> {
  const peer = await startPeer(values.python, script, peerArgs);
  const bench = new Workbench();
  const { options } = parseAnalyze([sample, '--output', folder, ...ours]);
  const theirTimes: number[] = [];
  const ourTimes: number[] = [];
  try {
    for (let run = 0; run <= Number(values.repeats); run++) {
      const { total_ms } = await peer.run();
      const start = performance.now();
      await analyze(sample, options, bench);
      const milliseconds = performance.now() - start;
      if (run === 0) continue;
      theirTimes.push(total_ms);
      ourTimes.push(milliseconds);
    }
  } finally {
    peer.stop();
    await bench.dispose();
  }
  return compare('warm report', 'ms', theirTimes, ourTimes, 0);
}

/** Each from process start to process end; models are in the caches of both. */
async function cold(folder: string): Promise<string> {
  const cli = join(root, 'dist', 'cli.js');
  const times: { theirs: number[]; ours: number[] } = { theirs: [], ours: [] };
  const memory: { theirs: number[]; ours: number[] } = { theirs: [], ours: [] };
  for (let run = 0; run <= Number(values.cold); run++) {
    const them = await measureProcess(values.python, [
      script,
      ...peerArgs,
      '--repeats',
      '1',
      '--warmup',
      '0',
    ]);
    const us = await measureProcess(process.execPath, [
      cli,
      'analyze',
      sample,
      '-q',
      '--output',
      folder,
      ...ours,
    ]);
    if (run === 0) continue;
    times.theirs.push(them.milliseconds);
    times.ours.push(us.milliseconds);
    memory.theirs.push(them.peakMb);
    memory.ours.push(us.peakMb);
  }
  return [
    compare('cold report, process start to end', 'ms', times.theirs, times.ours, 0),
    compare('peak memory of that process', 'MB', memory.theirs, memory.ours, 0),
  ].join('\n\n');
}

function compare(
  what: string,
  unit: string,
  theirs: readonly number[],
  us: readonly number[],
  digits: number,
): string {
  const ratios = theirs.map((value, i) => value / (us[i] ?? NaN));
  const rows = [
    { name: 'PyTorch reference pipeline', values: theirs },
    { name: 'Inference Lens', values: us },
  ];
  const spread = `from ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  return `${table(what, unit, rows, digits)}\nreference : ours, pair by pair: median ${median(ratios).toFixed(2)}, ${spread}`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
