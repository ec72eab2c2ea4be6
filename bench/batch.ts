/** `npm run bench batch`: many images: several under way against one by one, and how many images one run of the network should take. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UNDER_WAY } from '../server/src/cli/analyze';
import { inOrder } from '../server/src/system/in-order';
import { parseAnalyze } from '../server/src/cli/options';
import type { ExplainGraph } from '../server/src/explain/assemble';
import { decodeExplain } from '../server/src/explain/decode';
import { writeModel } from '../server/src/onnx/write';
import { analyze } from '../server/src/pipeline/run';
import { threadCount } from '../server/src/pipeline/workbench/placement';
import { Workbench } from '../server/src/pipeline/workbench/workbench';
import { createSession } from '../server/src/runtime/onnxruntime';
import { projectRoot } from '../server/src/system/paths';
import { explainFeeds, inOneRun, timed } from './networks';
import { inFreshProcess, ownPeakMb } from './processes';
import { busy, effortOf, effortOptions, main } from './script';
import { grid, median, ratios, spread } from './table';

const SIDE = 380;
const B5 = { architecture: 'efficientnet_pytorch/b5', side: SIDE, threads: null } as const;
const BATCHES = [1, 2, 4, 8] as const;
const IMAGES = 20;

/** Internal options: a child process measures one batch size. */
const { values } = parseArgs({
  options: {
    ...effortOptions,
    model: { type: 'string' },
    runs: { type: 'string' },
    at: { type: 'string' },
    images: { type: 'string' },
  },
});

async function measure(): Promise<string> {
  if (values.model !== undefined) return JSON.stringify(await timesOf(values.model));
  const { repeats, quick } = effortOf(values, 3);
  const folder = await mkdtemp(join(tmpdir(), 'lens-bench-'));
  try {
    const at = values.at === undefined ? [1, UNDER_WAY] : values.at.split(',').map(Number);
    return [
      await underWayTable(folder, Number(values.images ?? (quick ? 4 : IMAGES)), repeats, at),
      ...(values.at === undefined ? [await batchTable(folder, quick ? 2 : 4, repeats)] : []),
    ].join('\n\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same images with one and with several under way, in turn; sessions as `analyze` opens them for either. */
async function underWayTable(
  folder: string,
  count: number,
  rounds: number,
  limits: readonly number[],
): Promise<string> {
  const images = Array.from({ length: count }, (_, i) => join(folder, `image-${i}.png`));
  for (const image of images) await copyFile(join(projectRoot(), 'samples', 'portrait.png'), image);
  const { options } = parseAnalyze([
    ...images,
    ...['--output', join(folder, 'out'), '--device', 'cpu', '--weights', 'demo'],
  ]);
  const benches = { one: new Workbench(), several: new Workbench() };
  const signal = new AbortController().signal;
  const pass = (limit: number, some = images) =>
    timed(async () => {
      const several = limit > 1;
      const bench = several ? benches.several : benches.one;
      const work = (image: string) =>
        analyze(image, options, bench, { several }).then(({ folder: done }) => done);
      for await (const done of inOrder(some, limit, work, signal))
        await rm(join(done, '..'), { recursive: true });
    });
  const seconds = new Map<number, number[]>(limits.map((limit) => [limit, []]));
  try {
    for (const limit of new Set([1, Math.max(...limits)])) await pass(limit, images.slice(0, 3));
    for (let round = 0; round < rounds; round++)
      for (const limit of limits) {
        const time = (await pass(limit)) / 1000;
        seconds.get(limit)?.push(time);
        busy(`${count} images, ${limit} under way: ${time.toFixed(1)} s`);
      }
  } finally {
    await benches.one.dispose();
    await benches.several.dispose();
  }
  const [alone = []] = seconds.values();
  const rows = [...seconds].map(([limit, times]) => [
    limit === 1 ? 'one by one' : `${limit} under way`,
    spread(
      times.map((time) => count / time),
      2,
    ),
    limit === limits[0] ? '1' : ratios(alone, times),
  ]);
  const head = [`${count} images, EfficientNet-B5, cpu (n = ${rounds})`, 'images/s', 'faster, pair by pair'];
  return grid(head, rows);
}

/** One explain graph a batch size, each in fresh processes: the arena keeps what it once took. */
async function batchTable(folder: string, runs: number, rounds: number): Promise<string> {
  const models = new Map<number, string>();
  for (const batch of BATCHES) {
    busy(`graph for ${batch} images`);
    models.set(batch, await writeGraph(folder, batch));
  }
  const found = new Map<number, { perImage: number[]; peaks: number[] }>();
  for (let round = 0; round < rounds; round++) {
    for (const [batch, model] of models) {
      busy(`runs of ${batch} images`);
      const { milliseconds, peakMb } = await inFreshProcess<Times>(__filename, [
        ...['--model', model, '--runs', String(runs)],
      ]);
      const entry = found.get(batch) ?? { perImage: [], peaks: [] };
      entry.perImage.push(...milliseconds.map((ms) => ms / batch));
      entry.peaks.push(peakMb);
      found.set(batch, entry);
    }
  }
  const rows = [...found].map(([batch, { perImage, peaks }]) => [
    String(batch),
    spread(perImage),
    (1000 / median(perImage)).toFixed(2),
    spread(peaks),
  ]);
  const head = [
    `images in one run (n = ${rounds} processes of ${runs} runs)`,
    ...['ms an image', 'images/s', 'peak MB of the process'],
  ];
  return `Explaining all layers of EfficientNet-B5 at ${SIDE} on cpu, the network alone:\n\n${grid(head, rows)}`;
}

type Graph = Pick<ExplainGraph, 'inputs' | 'outputs'>;

async function writeGraph(folder: string, batch: number): Promise<string> {
  const { graph } = await inOneRun(B5, batch);
  const path = join(folder, `explain-${batch}.onnx`);
  await writeModel(graph.model, path);
  await writeFile(`${path}.json`, JSON.stringify({ inputs: graph.inputs, outputs: graph.outputs }));
  return path;
}

interface Times {
  readonly milliseconds: readonly number[];
  readonly peakMb: number;
}

/** In a process of its own: loads one graph, warms up, and runs it. */
async function timesOf(path: string): Promise<Times> {
  const { inputs, outputs } = JSON.parse(await readFile(`${path}.json`, 'utf8')) as Graph;
  const batch = Number(/-(\d+)\.onnx$/.exec(path)?.[1]);
  const session = await createSession(path, { provider: 'cpu', threads: threadCount(null) });
  const feeds = explainFeeds(inputs, SIDE, batch);
  const milliseconds: number[] = [];
  for (let run = 0; run < 2 + Number(values.runs); run++) {
    const time = await timed(async () => {
      const results = await session.run(feeds);
      if (decodeExplain(outputs, results).length !== batch) throw new Error(`Expected ${batch} samples.`);
    });
    if (run >= 2) milliseconds.push(time);
  }
  await session.dispose();
  return { milliseconds, peakMb: ownPeakMb() };
}

main(measure);
