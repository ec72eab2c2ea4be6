/**
 * `npm run bench explain [-- --levers] [--processes 3] [--runs 10] [--threads 2]`: forward and backward with every layer against forward
 * only, in turn within each of several processes; `--levers` adds the passes one at a time.
 */
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { seededClassifier } from '../server/src/architectures/classifier';
import { findArchitecture } from '../server/src/architectures/registry';
import { assembleExplainGraph } from '../server/src/explain/assemble';
import { explainPasses } from '../server/src/explain/passes';
import { encodeModel } from '../server/src/onnx/write';
import { createSession } from '../server/src/runtime/onnxruntime';
import { effortOptions } from './script';
import { median } from './table';

const WARM_UP = 2;
const SIDE = 380;

/** Medians of one process, in milliseconds. */
interface Figures {
  readonly forward: number;
  readonly explain: number;
  /** Median of the ratios run by run: each pair meets the machine in the same mood. */
  readonly ratio: number;
  /** Processor time of explain over that of forward: what remains when others use the machine. */
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
    '| passes | forward ms | explain ms | ratio, process by process | median (min..max) | CPU time ratio (min..max) | load ms |',
  );
  console.log('|---|---:|---:|---|---:|---:|---:|');
  const counts = values.levers ? explainPasses.map((_, i) => i) : [];
  for (const count of [...counts, explainPasses.length]) {
    const figures: Figures[] = [];
    for (let i = 0; i < Number(values.processes); i++) figures.push(await inProcess(count));
    const mid = (key: keyof Figures): number => median(figures.map((f) => f[key]));
    const ratios = figures.map(({ ratio }) => ratio.toFixed(2)).join(', ');
    const spread = (key: 'ratio' | 'cpuRatio'): string => {
      const all = figures.map((f) => f[key]);
      return `${median(all).toFixed(2)} (${Math.min(...all).toFixed(2)}..${Math.max(...all).toFixed(2)})`;
    };
    const name = count === explainPasses.length ? 'all' : `+ ${explainPasses[count - 1]?.name ?? 'none'}`;
    const cells = [name, mid('forward').toFixed(0), mid('explain').toFixed(0), ratios, spread('ratio')];
    console.log(`| ${[...cells, spread('cpuRatio'), mid('load').toFixed(0)].join(' | ')} |`);
  }
}

async function inProcess(passes: number): Promise<Figures> {
  const own = ['--one', String(passes), '--runs', values.runs, '--threads', values.threads];
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', __filename, ...own]);
  return JSON.parse(stdout) as Figures;
}

async function measure(passes: number): Promise<Figures> {
  const architecture = findArchitecture('efficientnet_pytorch/b5');
  if (architecture === undefined) throw new Error('There is no EfficientNet-B5.');
  const { model, input, logits, layers } = await seededClassifier(architecture, {
    classes: 2,
    inputSize: SIDE,
  });
  const request = { model, inputShape: input.shape, logits, layers, methods: ['gradcam'] as const };
  const graph = assembleExplainGraph(request, explainPasses.slice(0, passes));
  // Threads that spin while they wait would count as processor time.
  const options = {
    provider: 'cpu',
    threads: Number(values.threads),
    config: { 'session.intra_op.allow_spinning': '0' },
  } as const;
  const forward = await createSession(encodeModel(model), options);
  const start = performance.now();
  const explain = await createSession(encodeModel(graph.model), options);
  const load = performance.now() - start;
  const data = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => (i % 997) / 997);
  const image = { type: 'float32', dims: input.shape, data } as const;
  const target = { type: 'int64', dims: [1], data: BigInt64Array.of(1n) } as const;
  const runs: { forward: Timed; explain: Timed }[] = [];
  for (let i = 0; i < WARM_UP + Number(values.runs); i++) {
    const f = await timed(() => forward.run({ [input.name]: image }));
    const e = await timed(() => explain.run({ [graph.inputs.image]: image, [graph.inputs.target]: target }));
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
