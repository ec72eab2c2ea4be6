/**
 * `npm run bench growth [-- --only sizes,networks,layers,images] [--repeats 5]`: time and peak memory of explaining against input size,
 * network and number of layers, each row in a fresh process; and of `analyze` against the number of images.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { architectures } from '../server/src/architectures/registry';
import { projectRoot } from '../server/src/system/paths';
import { analyzeMany, prepareImages, slopeKb } from './growth/images';
import type { Answer, Order } from './growth/row';
import { seeded } from './networks';
import { inFreshProcess } from './processes';
import type { Effort } from './script';
import { busy, effortOf, effortOptions, main } from './script';
import { grid, spread } from './table';

const B5 = 'efficientnet_pytorch/b5';
const SIDE = 380;
const SIDES = [224, 300, 380, 456, 600, 768, 1024] as const;
const LAYERS = [1, 5, 10, 20] as const;
const IMAGES = [1, 10, 100, 1000] as const;

const growths: Readonly<Record<string, (effort: Effort) => Promise<string>>> = {
  sizes: bySize,
  networks: byNetwork,
  layers: byLayers,
  images: byImages,
};

const { values } = parseArgs({
  options: { ...effortOptions, only: { type: 'string', default: Object.keys(growths).join(',') } },
});

async function measure(): Promise<string> {
  const effort = effortOf(values, 5);
  const chosen = values.only.split(',').map((name) => {
    const found = growths[name];
    if (found !== undefined) return found;
    throw new Error(`--only expects some of ${Object.keys(growths).join(', ')}; found "${name}".`);
  });
  const parts = [
    'Explaining: forward, backward and Grad-CAM of the reported layers, warm, on all cores. Load reads a graph that is in the cache. Peaks ' +
      'are of whole processes, Node and its TypeScript loader included. A row stops after six seconds and three runs.',
  ];
  for (const grow of chosen) parts.push(await grow(effort));
  return parts.join('\n\n');
}

/** MB of a process that has loaded nothing: what a peak has beside what is estimated (`explain/memory.ts`). */
const NOTHING_MB = 130;

const head = (what: string): readonly string[] => [
  ...[what, 'layers', 'explain ms', 'n', 'load ms', 'peak MB'],
  'estimate MB',
  `estimate / (peak - ${NOTHING_MB})`,
];

/** Makes the graph in one process and measures it in another; its files are gone afterwards. */
async function row(
  name: string,
  order: Pick<Order, 'architecture' | 'side' | 'layers' | 'repeats'>,
): Promise<string[]> {
  busy(name);
  const cache = await mkdtemp(join(tmpdir(), 'lens-growth-'));
  try {
    const script = join(projectRoot(), 'bench', 'growth', 'row.ts');
    const given = { ...order, cache, threads: null };
    await inFreshProcess<Answer>(script, [JSON.stringify({ ...given, task: 'make' })]);
    const answer = await inFreshProcess<Answer>(script, [JSON.stringify({ ...given, task: 'run' })]);
    const { layers, milliseconds, load, peakMb, estimateMb } = answer;
    return [
      name,
      `${layers}`,
      spread(milliseconds),
      `${milliseconds.length}`,
      load.toFixed(0),
      peakMb.toFixed(0),
      estimateMb.toFixed(0),
      (estimateMb / (peakMb - NOTHING_MB)).toFixed(2),
    ];
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

async function bySize({ repeats, quick }: Effort): Promise<string> {
  const rows: string[][] = [];
  for (const side of quick ? SIDES.slice(0, 2) : SIDES)
    rows.push(await row(`${side}x${side}`, { architecture: B5, side, layers: null, repeats }));
  return `### Input size, EfficientNet-B5\n\n${grid(head('input'), rows)}`;
}

async function byNetwork({ repeats, quick }: Effort): Promise<string> {
  const family = architectures.filter(({ id }) => id.startsWith('efficientnet_pytorch/'));
  const rows: string[][] = [];
  for (const { id, inputSize } of quick ? family.slice(0, 2) : family) {
    const name = `${id.replace('efficientnet_pytorch/b', 'B')} at ${inputSize}`;
    rows.push(await row(name, { architecture: id, side: inputSize, layers: null, repeats }));
  }
  return `### EfficientNet B0 to B8, each at the size it was designed for\n\n${grid(head('network'), rows)}`;
}

/** Counted from the classifier: the fewer, the shorter the backward pass. The stem alone needs all of it. */
async function byLayers({ repeats, quick }: Effort): Promise<string> {
  const names = (await seeded({ architecture: B5, side: SIDE, threads: null })).layers.map(
    ({ name }) => name,
  );
  const stem = names.slice(0, 1);
  const cases = [
    ...(quick ? LAYERS.slice(0, 1) : LAYERS).map(
      (count) => [`the last ${count}`, names.slice(-count)] as const,
    ),
    [`all ${names.length}`, names] as const,
    [`${stem.join()} alone`, stem] as const,
  ];
  const rows: string[][] = [];
  for (const [name, layers] of cases)
    rows.push(await row(name, { architecture: B5, side: SIDE, layers, repeats }));
  return `### Layers reported, EfficientNet-B5 at ${SIDE}\n\n${grid(head('layers'), rows)}`;
}

async function byImages({ quick }: Effort): Promise<string> {
  const counts = quick ? IMAGES.slice(0, 2) : IMAGES;
  const folder = await mkdtemp(join(tmpdir(), 'lens-growth-'));
  try {
    await prepareImages(folder, Math.max(...counts));
    await analyzeMany(folder, 1); // not counted: makes the explain graph
    const rows: string[][] = [];
    for (const count of counts) {
      busy(`${count} images`);
      const { seconds, peakMb, residentMb } = await analyzeMany(folder, count);
      const slope = slopeKb(residentMb);
      const flat = Number.isNaN(slope) ? '' : slope.toFixed(0);
      rows.push([`${count}`, seconds.toFixed(1), (count / seconds).toFixed(1), peakMb.toFixed(0), flat]);
    }
    const columns = [
      'images (n = 1)',
      'seconds',
      'images/s',
      'peak MB',
      'growth in the later half, kB an image',
    ];
    return (
      '### Number of images: one `inference-lens analyze`, BlazeFace and a network of two convolutions\n\n' +
      `Process start to end, 320x320 images, whole reports written.\n\n${grid(columns, rows)}`
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

main(measure);
