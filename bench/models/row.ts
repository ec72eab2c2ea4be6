/** One network of the table, in a process of its own: prepares it, then runs explain, forward and the peer in turn. */
import { readFile } from 'node:fs/promises';
import type { Peer } from '../peer';
import { startPeer } from '../peer';
import { resolveWeights } from '../../server/src/pipeline/network/weights';
import { openOnnxClassifier } from '../../server/src/pipeline/network/onnx/open';
import { threadCount } from '../../server/src/pipeline/workbench/placement';
import { Workbench } from '../../server/src/pipeline/workbench/workbench';
import { createSession } from '../../server/src/runtime/onnxruntime';
import type { Tensor } from '../../server/src/runtime/session';
import { readyLens } from '../../test/support/lens';
import { relu, ScaledMaps } from '../../painting/heatmap';
import type { LayerResult } from '../../server/src/explain/decode';
import { Kernels } from '../../server/src/imaging/kernels';
import { busy } from '../script';

export const SIDE = 224;
const TARGET = 1;
const WARM_UP = 2;

/**
 * Milliseconds before each run. Threads of the run before wait for more work without sleeping, onnxruntime's for 5, MKL's for 200, and
 * would take a core from this one, which no analysis does.
 */
const UNTIL_ASLEEP = 250;

export interface Order {
  /** Of the ONNX file, without its ending. */
  readonly name: string;
  readonly path: string;
  readonly cache: string;
  readonly repeats: number;
  readonly threads: number | null;
  /** Interpreter and script of the peer; null leaves it out. */
  readonly peer: { readonly python: string; readonly script: string } | null;
}

/** Milliseconds, run by run; `cpu` those of this process, both threads together. */
export interface Row {
  readonly layers: number;
  readonly forward: readonly number[];
  readonly explain: readonly number[];
  readonly forwardCpu: readonly number[];
  readonly explainCpu: readonly number[];
  /** Explain, and the maps brought to the size of the picture, as the peer gives them. */
  readonly maps: readonly number[];
  readonly peer: Readonly<Record<'maps' | 'forward' | 'forward and backward', readonly number[]>>;
}

/** The values of bench/peers/classifiers.py. */
const image: Tensor & { readonly type: 'float32' } = {
  type: 'float32',
  dims: [1, 3, SIDE, SIDE],
  data: Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => (i % 997) / 997),
};

async function measure(order: Order): Promise<Row> {
  const { path, cache, threads, repeats } = order;
  const bench = new Workbench(cache);
  const wanted = { weights: path, architecture: null, stateDict: null };
  const weights = await resolveWeights(wanted, readyLens('imagenet'), bench.store);
  const options = { inputSize: null, methods: ['gradcam'] as const };
  const classifier = await bench.classifier(weights, options, { provider: 'cpu', threads });
  const { layers } = classifier.about.explain.outputs;
  const forward = await createSession(await readFile(path), {
    provider: 'cpu',
    threads: threadCount(threads),
  });
  const { input } = await openOnnxClassifier(path, { inputSize: null });
  const peer =
    order.peer === null
      ? null
      : await startedPeer(
          order,
          layers.map(({ name }) => name),
        );
  const found = { forward: [], explain: [], maps: [], forwardCpu: [], explainCpu: [] } as Record<
    string,
    number[]
  >;
  const scaled = new ScaledMaps(new Kernels(), SIDE, SIDE);
  const theirs = { maps: [], forward: [], 'forward and backward': [] } as Record<string, number[]>;
  for (let run = 0; run < WARM_UP + repeats; run++) {
    await asleep();
    const [f, fCpu] = await timed(() => forward.run({ [input.name]: image }));
    await asleep();
    let result: Awaited<ReturnType<typeof classifier.explain>> | undefined;
    const [e, eCpu] = await timed(async () => (result = await classifier.explain(image, TARGET)));
    const [resized] = await timed(() => {
      for (const layer of result?.layers ?? []) drawable(layer, scaled);
      return Promise.resolve();
    });
    await asleep();
    const steps = (await peer?.run())?.steps_ms ?? {};
    if (run < WARM_UP) continue;
    const ours = { forward: f, explain: e, maps: e + resized, forwardCpu: fCpu, explainCpu: eCpu };
    for (const [key, value] of Object.entries(ours)) found[key]?.push(value);
    for (const [key, value] of Object.entries(steps)) theirs[key]?.push(value);
  }
  peer?.stop();
  await forward.dispose();
  await bench.dispose();
  return { ...found, layers: layers.length, peer: theirs } as unknown as Row;
}

/**
 * As the peer gives maps: what is positive, scaled to 0..1, at the size of the picture. By the code that draws reports.
 * @param scaled overwritten by the next map
 */
function drawable({ form, cam }: LayerResult, scaled: ScaledMaps): void {
  const data = cam.get('gradcam');
  if (data === undefined || form.kind !== 'map') return;
  const { room } = scaled.of(relu({ data, width: form.width, height: form.height }));
  room.float32(SIDE * SIDE).slice();
}

function startedPeer({ name, peer, threads }: Order, layers: readonly string[]): Promise<Peer> {
  busy(`${name}: PyTorch with ${layers.length} layers`);
  const options = ['--network', name, '--layers', layers.join(','), '--target', String(TARGET)];
  return startPeer(peer?.python ?? '', peer?.script ?? '', [
    ...options,
    ...['--threads', String(threadCount(threads))],
  ]);
}

const asleep = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, UNTIL_ASLEEP));

/** Milliseconds of the clock and of the CPU. */
async function timed(run: () => Promise<unknown>): Promise<readonly [number, number]> {
  const before = process.cpuUsage();
  const start = performance.now();
  await run();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return [wall, (user + system) / 1000];
}

if (process.argv[2] !== undefined)
  measure(JSON.parse(process.argv[2]) as Order).then(
    (row) => console.log(JSON.stringify(row)),
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
