/**
 * `npm run bench explain [-- --levers] [--processes 3] [--runs 10] [--threads 2]`: forward and backward with every layer against forward
 * only, in turn within each of several processes; `--levers` adds the passes one at a time.
 */
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { explainPasses } from '../server/src/explain/passes';
import { explainSession, forwardSession, network, SIDE } from './explain-sessions';
import { effortOptions } from './script';
import { median } from './table';

const WARM_UP = 2;

/** Stands for the passes of the CPU, with the network kept as an analysis keeps it. */
const KEPT = explainPasses.length + 1;

/** Medians of one process, in milliseconds. */
interface Figures {
  readonly forward: number;
  readonly explain: number;
  /** Median of the ratios run by run: both runs of a pair see the machine in the same state. */
  readonly ratio: number;
  /** CPU time of explain over that of forward: what remains when others use the machine. */
  readonly cpuRatio: number;
  readonly load: number;
}

const { values: given } = parseArgs({
  options: {
    ...effortOptions,
    levers: { type: 'boolean', default: false },
    processes: { type: 'string', default: '3' },
    runs: { type: 'string', default: '10' },
    threads: { type: 'string', default: '2' },
    /** Internal: measure with this many passes and print the figures as JSON. */
    one: { type: 'string' },
  },
});

/** `--repeats` is another word for `--runs`. */
const values = {
  ...given,
  runs: given.repeats ?? (given.quick ? '2' : given.runs),
  processes: given.quick ? '1' : given.processes,
};

async function main(): Promise<void> {
  if (values.one !== undefined) {
    console.log(JSON.stringify(await measure(Number(values.one))));
    return;
  }
  console.log(`EfficientNet-B5 at ${SIDE}, Grad-CAM, threads ${values.threads}\n`);
  console.log(
    '| passes | forward ms | explain ms | ratio, process by process | median (min..max) | CPU time ratio (min..max) | building and loading ms |',
  );
  console.log('|---|---:|---:|---|---:|---:|---:|');
  const counts = values.levers ? explainPasses.map((_, i) => i) : [];
  for (const count of [...counts, explainPasses.length, KEPT]) {
    const figures: Figures[] = [];
    for (let i = 0; i < Number(values.processes); i++) figures.push(await inProcess(count));
    const mid = (key: keyof Figures): number => median(figures.map((f) => f[key]));
    const ratios = figures.map(({ ratio }) => ratio.toFixed(2)).join(', ');
    const spread = (key: 'ratio' | 'cpuRatio'): string => {
      const all = figures.map((f) => f[key]);
      return `${median(all).toFixed(2)} (${Math.min(...all).toFixed(2)}..${Math.max(...all).toFixed(2)})`;
    };
    const cells = [
      nameOf(count),
      mid('forward').toFixed(0),
      mid('explain').toFixed(0),
      ratios,
      spread('ratio'),
    ];
    console.log(`| ${[...cells, spread('cpuRatio'), mid('load').toFixed(0)].join(' | ')} |`);
  }
}

function nameOf(count: number): string {
  if (count === KEPT) return "the CPU's, as analyses keep it";
  return count === explainPasses.length
    ? 'all of any device'
    : `+ ${explainPasses[count - 1]?.name ?? 'none'}`;
}

async function inProcess(passes: number): Promise<Figures> {
  const own = ['--one', String(passes), '--runs', values.runs, '--threads', values.threads];
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', __filename, ...own]);
  return JSON.parse(stdout) as Figures;
}

async function measure(passes: number): Promise<Figures> {
  const built = await network();
  // Threads that spin while they wait would count as CPU time.
  const options = {
    provider: 'cpu',
    threads: Number(values.threads),
    config: { 'session.intra_op.allow_spinning': '0' },
  } as const;
  const forward = await forwardSession(built, options);
  const start = performance.now();
  const explain = await explainSession(
    built,
    passes === KEPT ? null : explainPasses.slice(0, passes),
    options,
  );
  const load = performance.now() - start;
  const runs: { forward: Timed; explain: Timed }[] = [];
  for (let i = 0; i < WARM_UP + Number(values.runs); i++) {
    const f = await timed(() => forward.run());
    const e = await timed(() => explain.run());
    if (i >= WARM_UP) runs.push({ forward: f, explain: e });
  }
  await Promise.all([forward.dispose(), explain.dispose()]);
  return {
    forward: median(runs.map((run) => run.forward.wall)),
    explain: median(runs.map((run) => run.explain.wall)),
    ratio: median(runs.map((run) => run.explain.wall / run.forward.wall)),
    cpuRatio: median(runs.map((run) => run.explain.cpu / run.forward.cpu)),
    load,
  };
}

interface Timed {
  readonly wall: number;
  readonly cpu: number;
}

async function timed(run: () => Promise<unknown>): Promise<Timed> {
  const before = process.cpuUsage();
  const start = performance.now();
  await run();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { wall, cpu: (user + system) / 1000 };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
