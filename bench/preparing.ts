/**
 * `npm run bench preparing [-- --models a.onnx,b.onnx]`: from an ONNX file to the graph that is kept, nothing cached, and the runtime's part of it: for
 * chains of 500 to 4,000 nodes, or for the files that are named.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { float32Tensor, GraphBuilder } from '../server/src/onnx/builder';
import type { Model } from '../server/src/onnx/model';
import { writeModel } from '../server/src/onnx/write';
import { prepare } from '../server/src/pipeline/network/prepare';
import { readyLens } from '../test/support/lens';
import { resolveWeights } from '../server/src/pipeline/network/weights';
import { threadCount } from '../server/src/pipeline/workbench/placement';
import { FolderCache } from '../server/src/system/cache';
import { ModelStore } from '../server/src/store/store';
import type { Optimizer } from '../server/src/runtime/session-thread';
import { startSessionThread } from '../server/src/runtime/session-thread';
import type { InputSize } from '../server/src/lens/values';
import { busy, effortOf, effortOptions, main } from './script';
import { grid, spread } from './table';

const LENGTHS = [500, 1000, 2000, 4000] as const;

const { values } = parseArgs({ options: { ...effortOptions, models: { type: 'string' } } });

async function measure(): Promise<string> {
  const { repeats } = effortOf(values, 3);
  const folder = await mkdtemp(join(tmpdir(), 'lens-preparing-'));
  const asked = values.models?.split(',').map((path) => ({ name: basename(path), path: resolve(path) }));
  try {
    await prepared(await chainFile(folder, 100), [32, 32], join(folder, 'first')); // loads the runtime
    const rows: string[][] = [];
    for (const { name, path } of asked ?? (await chains(folder))) {
      busy(name);
      const runs: Prepared[] = [];
      for (let turn = 0; turn < repeats; turn++)
        runs.push(
          await prepared(path, asked === undefined ? [32, 32] : null, join(folder, `${name}-${turn}`)),
        );
      const column = (of: keyof Prepared): string =>
        spread(
          runs.map((run) => run[of]),
          2,
        );
      rows.push([name, column('wall'), column('cpu'), column('runtime')]);
    }
    return grid(['network', 'seconds', 'CPU seconds', 'of which the runtime optimizes, seconds'], rows);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const chains = (folder: string) =>
  Promise.all(
    LENGTHS.map(async (length) => ({ name: `${length} nodes`, path: await chainFile(folder, length) })),
  );

async function chainFile(folder: string, length: number): Promise<string> {
  const path = join(folder, `${length}.onnx`);
  await writeModel(chain(length), path);
  return path;
}

/** Seconds. */
interface Prepared {
  readonly wall: number;
  readonly cpu: number;
  /** In which the runtime optimizes, in a thread that has loaded it. */
  readonly runtime: number;
}

/** @param place an empty cache */
async function prepared(path: string, inputSize: InputSize | null, place: string): Promise<Prepared> {
  const store = new ModelStore(join(place, 'store'));
  const asked = { weights: path, architecture: null, stateDict: null };
  const weights = await resolveWeights(asked, readyLens('imagenet'), store);
  const thread = startSessionThread();
  let runtime = 0;
  const optimizer: Optimizer = {
    async optimize(model, options) {
      const start = performance.now();
      await thread.optimize(model, options);
      if (typeof model === 'string') runtime += (performance.now() - start) / 1000; // bytes are those of a probe
    },
  };
  try {
    const session = { provider: 'cpu', threads: threadCount(null) } as const;
    const [before, start] = [process.cpuUsage(), performance.now()];
    await prepare(weights, { inputSize, methods: ['gradcam'] }, new FolderCache(place), session, optimizer);
    const { user, system } = process.cpuUsage(before);
    return { wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6, runtime };
  } finally {
    await thread.end();
  }
}

/** A convolution, so many Relus, and a linear layer. */
function chain(length: number): Model {
  const graph = new GraphBuilder('chain');
  const weights = (dims: readonly number[]): string => {
    const size = dims.reduce((a, b) => a * b);
    return graph.constant(
      'weights',
      float32Tensor(
        dims,
        Float32Array.from({ length: size }, (_, i) => (i % 7) / 7),
      ),
    );
  };
  const image = graph.input('image', 'float32', [1, 3, 32, 32]);
  let x = graph.node('Conv', [image, weights([6, 3, 3, 3])], { pads: [1, 1, 1, 1] });
  for (let i = 0; i < length; i++) x = graph.node('Relu', [x]);
  const pooled = graph.node('Flatten', [graph.node('GlobalAveragePool', [x])]);
  graph.output(graph.node('Gemm', [pooled, weights([6, 4])]), 'float32', [1, 4]);
  return graph.model();
}

main(measure);
