/**
 * `npm run bench gpu-batches [-- --device cuda --batches 1,4,16,64 --python python3]`: images a second that EfficientNet-B5's forward pass
 * and explain graph come to with several images in one run, beside PyTorch's bare forward and backward pass on the same device.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeModel } from '../server/src/onnx/write';
import { threadCount } from '../server/src/pipeline/workbench/placement';
import { createSession } from '../server/src/runtime/onnxruntime';
import type { Provider } from '../server/src/runtime/session';
import { projectRoot } from '../server/src/system/paths';
import { explainFeeds, inOneRun, sampleTensor, timed, type Feeds } from './networks';
import { startPeer } from './peer';
import { busy, effortOf, effortOptions, main } from './script';
import { grid, median } from './table';

const SIDE = 380;
const WARM_UP = 2;

const { values } = parseArgs({
  options: {
    ...effortOptions,
    device: { type: 'string', default: 'cuda' },
    batches: { type: 'string', default: '1,4,16,64' },
    /** Null: PyTorch is not measured. */
    python: { type: 'string' },
  },
});
const provider = values.device as Provider;
const B5 = { architecture: 'efficientnet_pytorch/b5', side: SIDE, threads: null, provider } as const;
const { repeats } = effortOf(values, 10);

/** Milliseconds of one run, the median. */
async function timeOf(model: Uint8Array, feeds: Feeds): Promise<number> {
  const session = await createSession(model, { provider, threads: threadCount(null) });
  try {
    const times: number[] = [];
    for (let run = 0; run < WARM_UP + repeats; run++) {
      const time = await timed(() => session.run(feeds));
      if (run >= WARM_UP) times.push(time);
    }
    return median(times);
  } finally {
    await session.dispose();
  }
}

/** Milliseconds of PyTorch's forward and backward pass with hooks on the reported layers, the maps left out. */
async function theirTime(python: string, batch: number): Promise<number> {
  const script = join(projectRoot(), 'bench', 'peers', 'batch_peer.py');
  const args = ['--batch', String(batch), '--device', provider, '--threads', String(threadCount(null))];
  const peer = await startPeer(python, script, args);
  try {
    const times: number[] = [];
    for (let run = 0; run < WARM_UP + repeats; run++) {
      const { steps_ms } = await peer.run();
      if (run >= WARM_UP) times.push(steps_ms['explain'] ?? NaN);
    }
    return median(times);
  } finally {
    peer.stop();
  }
}

const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

async function rowOf(batch: number): Promise<readonly string[]> {
  const { model, input, graph } = await inOneRun(B5, batch);
  busy(`${batch} in one run: forward`);
  const forward = await timeOf(encodeModel(model), { [input]: sampleTensor(SIDE, batch) });
  busy(`${batch} in one run: explain`);
  const explain = await timeOf(encodeModel(graph.model), explainFeeds(graph.inputs, SIDE, batch));
  const ours = [forward, explain].map((ms) => ((batch * 1000) / ms).toFixed(1));
  const ratio = (explain / forward).toFixed(2);
  if (values.python === undefined) return [String(batch), ...ours, ratio, 'not measured', ''];
  busy(`${batch} in one run: PyTorch`);
  const theirs = await theirTime(values.python, batch);
  return [String(batch), ...ours, ratio, ((batch * 1000) / theirs).toFixed(1), (theirs / explain).toFixed(2)];
}

async function measure(): Promise<string> {
  const rows: (readonly string[])[] = [];
  for (const batch of values.batches.split(',').map(Number)) {
    const failed = (thrown: unknown) => [String(batch), reasonOf(thrown), '', '', '', ''];
    rows.push(await rowOf(batch).catch(failed));
    busy(String(rows.at(-1)?.join(' | ')));
  }
  return grid(
    [
      `images in one run on ${provider} (n = ${repeats})`,
      ...['forward images/s', 'explain images/s', 'explain : forward'],
      ...["PyTorch's forward and backward images/s", 'ours : PyTorch'],
    ],
    rows,
  );
}

main(measure);
