/** `npm run bench steps`: where the time of one warm analysis goes, step by step, and explaining all layers against a forward pass. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAnalyze } from '../server/src/cli/options';
import { projectRoot } from '../server/src/system/paths';
import { startEngine } from './engine';
import { forwardOnly, sampleTensor, timed, warmClassifier } from './networks';
import { busy, main, readEffort } from './script';
import type { Memory } from './processes';
import { ratios, table } from './table';
import { ANALYSIS_STEPS, idsOf } from '../protocol/vocabulary';

const WARM_UP = 2;

async function measure(): Promise<string> {
  const { repeats } = readEffort(15);
  const folder = await mkdtemp(join(tmpdir(), 'lens-bench-'));
  try {
    return [await stepTable(folder, repeats), await ratioTable(repeats)].join('\n\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function stepTable(output: string, repeats: number): Promise<string> {
  busy('analyses');
  const engine = startEngine();
  const sample = join(projectRoot(), 'samples', 'portrait.png');
  const { options } = parseAnalyze([sample, '--output', output, '--device', 'cpu', '--weights', 'demo']);
  const times = new Map<string, number[]>(idsOf(ANALYSIS_STEPS).map((step) => [step, []]));
  const whole: number[] = [];
  let memory: Memory | null = null;
  try {
    for (let run = 0; run < WARM_UP + repeats; run++) {
      const { report, milliseconds } = await engine.analyze(sample, options);
      if (run < WARM_UP) continue;
      whole.push(milliseconds);
      memory = engine.memory();
      for (const { step, milliseconds } of report.timings) times.get(step)?.push(milliseconds);
    }
  } finally {
    await engine.stop();
  }
  const rows = [...times]
    .map(([name, values]) => ({ name, values }))
    .filter(({ values }) => values.length > 0);
  return [
    table('step of one warm analysis', 'ms', [...rows, { name: 'whole analysis', values: whole }]),
    '',
    memory === null
      ? 'This system does not tell how much memory the engine holds.'
      : `The engine's memory: ${memory.peakMb.toFixed(0)} MB at most, ${memory.residentMb.toFixed(0)} MB after the last analysis.`,
  ].join('\n');
}

/** Both sessions in one process, in turn. */
async function ratioTable(repeats: number): Promise<string> {
  busy('explain and forward in turn');
  const place = { architecture: 'efficientnet_pytorch/b5', side: 380, threads: null };
  const { classifier, dispose } = await warmClassifier({ ...place, recipe: 'fsbi' });
  const forward = await forwardOnly(place);
  const image = sampleTensor(place.side);
  const times = { forward: [] as number[], explain: [] as number[] };
  for (let run = 0; run < WARM_UP + repeats; run++) {
    const f = await timed(() => forward.run(image));
    const e = await timed(() => classifier.explain(image, 1));
    if (run < WARM_UP) continue;
    times.forward.push(f);
    times.explain.push(e);
  }
  const layers = classifier.about.explain.outputs.layers.length;
  await forward.dispose();
  await dispose();
  return [
    table('EfficientNet-B5 at 380, cpu', 'ms', [
      { name: 'forward only', values: times.forward },
      { name: `forward, backward and all ${layers} layers`, values: times.explain },
    ]),
    '',
    `explain : forward, run by run: ${ratios(times.explain, times.forward)}`,
  ].join('\n');
}

main(measure);
