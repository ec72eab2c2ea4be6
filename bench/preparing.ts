/** `npm run bench preparing`: from an ONNX file to the graph that is kept, for chains of 500 to 4,000 nodes, nothing cached. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { float32Tensor, GraphBuilder } from '../server/src/onnx/builder';
import type { Model } from '../server/src/onnx/model';
import { writeModel } from '../server/src/onnx/write';
import { prepare } from '../server/src/pipeline/network/prepare';
import { readyLens } from '../test/support/lens';
import { resolveWeights } from '../server/src/pipeline/network/weights';
import { threadCount } from '../server/src/pipeline/workbench/placement';
import { FolderCache } from '../server/src/system/cache';
import { ModelStore } from '../server/src/store/store';
import { busy, main, readEffort } from './script';
import { grid, spread } from './table';

const LENGTHS = [500, 1000, 2000, 4000] as const;

async function measure(): Promise<string> {
  const { repeats } = readEffort(3);
  const folder = await mkdtemp(join(tmpdir(), 'lens-preparing-'));
  try {
    await prepared(folder, 100, 'first'); // loads the runtime
    const rows: string[][] = [];
    for (const length of LENGTHS) {
      busy(`${length} nodes`);
      const wall: number[] = [];
      const cpu: number[] = [];
      for (let turn = 0; turn < repeats; turn++) {
        const before = process.cpuUsage();
        const start = performance.now();
        await prepared(folder, length, String(turn));
        wall.push((performance.now() - start) / 1000);
        const { user, system } = process.cpuUsage(before);
        cpu.push((user + system) / 1e6);
      }
      rows.push([`${length}`, spread(wall, 2), spread(cpu, 2)]);
    }
    return grid(['nodes', 'seconds', 'CPU seconds'], rows);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function prepared(folder: string, length: number, turn: string): Promise<void> {
  const path = join(folder, `${length}-${turn}.onnx`);
  await writeModel(chain(length), path);
  const store = new ModelStore(join(folder, 'store'));
  const weights = await resolveWeights(
    { weights: path, architecture: null, stateDict: null },
    readyLens('imagenet'),
    store,
  );
  const cache = new FolderCache(join(folder, `${length}-${turn}`));
  const session = { provider: 'cpu', threads: threadCount(null) } as const;
  await prepare(weights, { inputSize: [32, 32], methods: ['gradcam'] }, cache, session);
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
