/** Images a second: PyTorch in batches against our explain session one by one, and whole reports of many images. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sampleTensor, timed, warmClassifier } from '../networks';
import { measureProcess, measuredEnvironment } from '../processes';
import { busy } from '../script';
import { grid, ratios, spread, table } from '../table';
import { inTurn } from '../turns';
import type { Context } from './context';
import { BOX, cli, withPeers } from './context';

const SIZES = [1, 2, 4, 8] as const;

export async function compareThroughput(context: Context): Promise<string> {
  return ['### Images a second', await maps(context), await reports(context)].join('\n\n');
}

/** Forward, backward and the maps of 44 layers. */
async function maps(context: Context): Promise<string> {
  busy('maps in batches');
  const { threads, cache, sample, quick } = context;
  const place = { architecture: 'efficientnet_pytorch/b5', side: 380, threads, recipe: 'fsbi', cache };
  const { classifier, dispose } = await warmClassifier(place);
  const image = sampleTensor(place.side);
  const peaks = SIZES.map(() => 0);
  const scripts = SIZES.map(
    (size) => ['batch_peer', '--image', sample, '--box', BOX, '--batch', String(size)] as const,
  );
  try {
    const rates = await withPeers(context, scripts, (peers) =>
      inTurn(
        [
          ...peers.map((peer, i) => ({
            name: String(SIZES[i]),
            run: async () => {
              const { total_ms, peak_rss_mb } = await peer.run();
              peaks[i] = peak_rss_mb;
              return ((SIZES[i] ?? NaN) * 1000) / total_ms;
            },
          })),
          { name: 'ours', run: async () => 1000 / (await timed(() => classifier.explain(image, 1))) },
        ],
        quick ? 1 : Math.ceil(context.repeats / 2),
      ),
    );
    const ours = rates.at(-1) ?? [];
    const rows = SIZES.map((size, i) => [
      `PyTorch, batch of ${size}`,
      spread(rates[i] ?? [], 2),
      (peaks[i] ?? NaN).toFixed(0),
      ratios(ours, rates[i] ?? []),
    ]);
    return grid(
      [`maps of 44 layers, no pictures (n = ${ours.length})`, 'images/s', 'peak MB', 'ours : PyTorch'],
      [...rows, ['explain session, one by one', spread(ours, 2), '', '']],
    );
  } finally {
    await dispose();
  }
}

/** Reports with all pictures, process start left out: the time of many images less that of one. */
async function reports(context: Context): Promise<string> {
  busy('reports of many images');
  const { sample, output, threads, cache, quick } = context;
  const many = quick ? 3 : 17;
  const images = Array.from({ length: many }, (_, i) => join(output, `image-${i}.png`));
  await Promise.all(images.map((path) => copyFile(sample, path)));
  const options = ['--box', BOX, '--threads', String(threads), '--device', 'cpu', '--weights', 'demo'];
  const env = measuredEnvironment({ INFERENCE_LENS_CACHE: cache });
  const analyzeAll = async (count: number): Promise<number> => {
    const args = [cli(), 'analyze', '--quiet', '--output', join(output, 'reports'), ...options];
    return (await measureProcess(process.execPath, [...args, ...images.slice(0, count)], env)).milliseconds;
  };
  const reference = ['reference_pipeline', '--image', sample, '--box', BOX, '--detector', 'none'] as const;
  const [theirs = [], ours = []] = await withPeers(context, [reference], ([peer]) =>
    inTurn(
      [
        { name: 'reference', run: async () => 1000 / (await peer!.run()).total_ms },
        {
          name: 'ours',
          run: async () => {
            const one = await analyzeAll(1);
            return ((many - 1) * 1000) / ((await analyzeAll(many)) - one);
          },
        },
      ],
      quick ? 1 : 3,
    ),
  );
  const rows = [
    { name: 'PyTorch reference pipeline, one by one', values: theirs },
    { name: `inference-lens analyze, ${many} images less the first`, values: ours },
  ];
  return [
    table('reports with pictures, no detection', 'images/s', rows, 2),
    `ours : reference: ${ratios(ours, theirs)}`,
  ].join('\n\n');
}
