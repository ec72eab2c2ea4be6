/** One row of the growth tables, in a process of its own: makes an explain graph, or loads one that is made and runs it. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExplainGraph } from '../../server/src/explain/assemble';
import { assembleExplainGraph } from '../../server/src/explain/assemble';
import { estimateMemory } from '../../server/src/explain/memory';
import { writeModel } from '../../server/src/onnx/write';
import { threadCount } from '../../server/src/pipeline/workbench/placement';
import { createSession } from '../../server/src/runtime/onnxruntime';
import { sampleTensor, seeded, timed, warmClassifier } from '../networks';
import { ownPeakMb } from '../processes';

export interface Order {
  /** `make` leaves the graph in `cache`; `run` measures it. Two processes, so that a peak is not that of making it. */
  readonly task: 'make' | 'run';
  readonly architecture: string;
  readonly side: number;
  /** Names of the layers to report; null takes the path of an analysis, which reports all. */
  readonly layers: readonly string[] | null;
  /** A folder for this row. */
  readonly cache: string;
  readonly repeats: number;
  readonly threads: number | null;
}

export interface Answer {
  /** How many layers it reports. */
  readonly layers: number;
  /** Reading the graph from disk into a session. */
  readonly load: number;
  readonly milliseconds: readonly number[];
  readonly peakMb: number;
  /** What is estimated before the network is run, beside a process that has loaded nothing. */
  readonly estimateMb: number;
}

/** What is stored beside the graph of selected layers. */
type LayersAbout = Pick<ExplainGraph, 'inputs'> & { readonly estimate: number };

/** No row runs for longer than this once it has a median of three. */
const BUDGET_MS = 6000;

interface Loaded {
  readonly layers: number;
  /** Bytes, of `estimateMemory`. */
  readonly estimate: number;
  readonly run: () => Promise<unknown>;
  readonly dispose: () => Promise<void>;
}

async function main(order: Order): Promise<Answer> {
  const start = performance.now();
  const loaded = order.layers === null ? await asAnalyzed(order) : await withLayers(order, order.layers);
  const load = performance.now() - start;
  const milliseconds: number[] = [];
  let spent = 0;
  if (order.task === 'run') {
    await loaded.run(); // not counted: the first run plans its memory
    while (milliseconds.length < order.repeats && (milliseconds.length < 3 || spent < BUDGET_MS)) {
      const took = await timed(loaded.run);
      milliseconds.push(took);
      spent += took;
    }
  }
  await loaded.dispose();
  return {
    layers: loaded.layers,
    load,
    milliseconds,
    peakMb: ownPeakMb(),
    estimateMb: loaded.estimate / 1e6,
  };
}

async function asAnalyzed({ architecture, side, cache, threads }: Order): Promise<Loaded> {
  const { classifier, dispose } = await warmClassifier({
    architecture,
    side,
    threads,
    cache,
    recipe: 'fsbi',
  });
  const image = sampleTensor(side);
  return {
    layers: classifier.about.explain.outputs.layers.length,
    estimate: classifier.about.memory.bytes,
    run: () => classifier.explain(image, 1),
    dispose,
  };
}

async function withLayers(order: Order, names: readonly string[]): Promise<Loaded> {
  const [model, about] = ['layers.onnx', 'layers.json'].map((name) => join(order.cache, name));
  if (model === undefined || about === undefined) throw new Error('unreachable');
  if (!existsSync(model)) {
    const network = await seeded(order);
    const layers = network.layers.filter(({ name }) => names.includes(name));
    const { input, logits } = network;
    const graph = assembleExplainGraph({
      ...{ model: network.model, inputShape: input.shape, logits, layers },
      methods: ['gradcam'],
    });
    await writeModel(graph.model, model);
    const estimate = estimateMemory(graph.model.graph, graph.shapes).bytes;
    await writeFile(about, JSON.stringify({ inputs: graph.inputs, estimate } satisfies LayersAbout));
  }
  const { inputs, estimate } = JSON.parse(await readFile(about, 'utf8')) as LayersAbout;
  const session = await createSession(model, { provider: 'cpu', threads: threadCount(order.threads) });
  const target = { type: 'int64', dims: [1], data: BigInt64Array.of(1n) } as const;
  const image = sampleTensor(order.side);
  return {
    layers: names.length,
    estimate,
    run: () => session.run({ [inputs.image]: image, [inputs.target]: target }),
    dispose: () => session.dispose(),
  };
}

main(JSON.parse(process.argv[2] ?? '') as Order).then(
  (answer) => console.log(JSON.stringify(answer)),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
