/**
 * `npm run bench set-memory [-- --pictures 10000]`: resident memory of one `evaluate` while it goes through a set, pictures of every size that
 * photographs are cut to, the heatmap of one layer, and a network of milliseconds, so that what grows with the set is seen beside it.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { projectRoot } from '../server/src/system/paths';
import { SET_CLASSES, writeSetModel } from '../test/support/labelled-set';
import { Random } from './fuzz/random';
import { slopeKb } from './growth/images';
import { memoryOf } from './processes';
import { busy, main } from './script';
import { grid } from './table';

const { values } = parseArgs({ options: { pictures: { type: 'string', default: '10000' } } });
const COUNT = Number(values.pictures);
const ROWS = 10;

interface Point {
  readonly done: number;
  readonly residentMb: number;
  readonly peakMb: number;
}

async function measure(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lens-bench-memory-'));
  try {
    busy(`${COUNT} pictures`);
    await drawSet(join(folder, 'set'));
    const { points, peakMb, seconds } = await evaluated(folder);
    const at = (part: number): Point | undefined => points.find(({ done }) => done >= (COUNT * part) / ROWS);
    const shown = new Set(Array.from({ length: ROWS }, (_, i) => at(i + 1)));
    const rows = [...shown].flatMap((point) =>
      point === undefined ? [] : [[String(point.done), point.residentMb.toFixed(0)]],
    );
    const later = slopeKb(points.map(({ residentMb }) => residentMb)) * (points.length / COUNT);
    return [
      `JPEGs of 96 to 800 pixels a side, cut from one photograph, ${seconds.toFixed(0)} s.`,
      grid(['pictures done', 'resident MB'], rows),
      `Peak, with table and summary: ${peakMb.toFixed(0)} MB. In the later half ${later.toFixed(2)} kB a picture are added.`,
    ].join('\n\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function drawSet(set: string): Promise<void> {
  const photograph = join(projectRoot(), 'samples', 'portrait.png');
  const { data, info } = await sharp(photograph).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const random = new Random(1, 0);
  for (const label of SET_CLASSES) await mkdir(join(set, label), { recursive: true });
  for (let i = 0; i < COUNT; i++) {
    const [across, down] = [96 + random.below(width - 96), 96 + random.below(height - 96)].map((side) =>
      Math.min(side, 800),
    ) as [number, number];
    const part = {
      left: random.below(width - across + 1),
      top: random.below(height - down + 1),
      ...{ width: across, height: down },
    };
    const picture = sharp(data, { raw: { width, height, channels } }).extract(part).jpeg({ quality: 85 });
    const name = `${String(i).padStart(6, '0')}.jpg`;
    await writeFile(join(set, SET_CLASSES[i % SET_CLASSES.length] ?? '', name), await picture.toBuffer());
  }
}

async function evaluated(
  folder: string,
): Promise<{ points: readonly Point[]; peakMb: number; seconds: number }> {
  const model = writeSetModel(folder);
  const cli = join(projectRoot(), 'dist', 'cli.js');
  const options = [
    '--weights',
    model,
    '--layers',
    'conv2',
    '--device',
    'cpu',
    '--output',
    join(folder, 'out'),
  ];
  const start = performance.now();
  const child = spawn(process.execPath, [cli, 'evaluate', join(folder, 'set'), ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, INFERENCE_LENS_CACHE: join(folder, 'cache') },
  });
  const points: Point[] = [];
  let [stderr, peakMb] = ['', NaN];
  const look = (done: number): void => {
    const memory = memoryOf(child.pid);
    if (memory === null) return;
    peakMb = memory.peakMb;
    if (done > (points.at(-1)?.done ?? 0)) points.push({ done, ...memory });
  };
  const timer = setInterval(() => look(0), 50);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-2000);
    const done = [...text.matchAll(/(\d+) of \d+/g)].at(-1)?.[1];
    if (done !== undefined) look(Number(done));
  });
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  clearInterval(timer);
  if (code !== 0) throw new Error(`evaluate ended with ${String(code)}: ${stderr}`);
  return { points, peakMb, seconds: (performance.now() - start) / 1000 };
}

main(measure);
