/** Where the time of one warm analysis goes, step by step, and explain against forward: medians of 10 after warm-up. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { steps } from '../protocol/analysis';
import { seededClassifier } from '../server/src/architectures/classifier';
import { findArchitecture } from '../server/src/architectures/registry';
import { parseAnalyze } from '../server/src/cli/options';
import { encodeModel } from '../server/src/onnx/write';
import { prepare } from '../server/src/pipeline/prepare';
import { readRecipe } from '../server/src/pipeline/recipe';
import { analyze } from '../server/src/pipeline/run';
import { resolveWeights } from '../server/src/pipeline/weights';
import { Workbench } from '../server/src/pipeline/workbench';
import { FolderCache } from '../server/src/runtime/cache';
import { createSession } from '../server/src/runtime/onnxruntime';
import { cacheRoot, projectRoot } from '../server/src/runtime/paths';
import { describeMachine } from './machine';
import { median, table } from './table';

const WARM_UP = 2;
const RUNS = 10;

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lens-bench-'));
  try {
    console.log(`${describeMachine()}\n`);
    console.log(await stepTable(folder));
    console.log(`\n${await ratioTable()}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function stepTable(output: string): Promise<string> {
  const bench = new Workbench();
  const sample = join(projectRoot(), 'samples', 'portrait.png');
  const { options } = parseAnalyze([sample, '--output', output, '--device', 'cpu']);
  const times = new Map<string, number[]>(steps.map((step) => [step, []]));
  const whole: number[] = [];
  try {
    for (let run = 0; run < WARM_UP + RUNS; run++) {
      const start = performance.now();
      const { report } = await analyze(sample, options, bench);
      if (run < WARM_UP) continue;
      whole.push(performance.now() - start);
      for (const { step, milliseconds } of report.timings) times.get(step)?.push(milliseconds);
    }
  } finally {
    await bench.dispose();
  }
  const rows = [...times]
    .map(([name, values]) => ({ name, values }))
    .filter(({ values }) => values.length > 0);
  return table('step of one warm analysis', 'ms', [...rows, { name: 'whole analysis', values: whole }]);
}

/** Both sessions in one process, in turn: the machine's mood hits both alike. */
async function ratioTable(): Promise<string> {
  const recipe = readRecipe('fsbi');
  const bench = new Workbench();
  const weights = await resolveWeights({ weights: 'demo', architecture: null }, recipe, bench.store);
  const { modelPath, about } = await prepare(
    weights,
    { inputSize: recipe.inputSize, methods: ['gradcam'] },
    new FolderCache(join(cacheRoot(), 'graphs')),
  );
  const architecture = findArchitecture(about.architecture);
  if (architecture === undefined) throw new Error(`No architecture ${about.architecture}.`);
  const network = await seededClassifier(architecture, { classes: 2, inputSize: 380 });
  const forward = await createSession(encodeModel(network.model));
  const explain = await createSession(modelPath, { provider: 'cpu' });
  const data = Float32Array.from({ length: 3 * 380 * 380 }, (_, i) => (i % 997) / 997);
  const image = { type: 'float32', dims: [1, 3, 380, 380], data } as const;
  const target = { type: 'int64', dims: [1], data: BigInt64Array.of(1n) } as const;
  const forwardTimes: number[] = [];
  const explainTimes: number[] = [];
  const timed = async (run: () => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    await run();
    return performance.now() - start;
  };
  for (let run = 0; run < WARM_UP + RUNS; run++) {
    const f = await timed(() => forward.run({ [network.input.name]: image }));
    const e = await timed(() =>
      explain.run({ [about.explain.inputs.image]: image, [about.explain.inputs.target]: target }),
    );
    if (run < WARM_UP) continue;
    forwardTimes.push(f);
    explainTimes.push(e);
  }
  await Promise.all([forward.dispose(), explain.dispose(), bench.dispose()]);
  const ratios = explainTimes.map((e, i) => e / (forwardTimes[i] ?? NaN));
  const layers = about.explain.outputs.layers.length;
  return [
    table('EfficientNet-B5 at 380, cpu', 'ms', [
      { name: 'forward only', values: forwardTimes },
      { name: `forward, backward and all ${layers} layers`, values: explainTimes },
    ]),
    `explain : forward, run by run: median ${median(ratios).toFixed(2)}, ` +
      `from ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
  ].join('\n');
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
