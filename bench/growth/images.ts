/** One `analyze` of many images: images a second, and whether its memory stays flat. */
import { spawn } from 'node:child_process';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { smallClassifier } from '../../test/support/small-classifier';
import { decodeImage } from '../../server/src/imaging/decode';
import { resizeRgb } from '../../server/src/imaging/resize';
import { encodeRgbPng } from '../../server/src/imaging/png/png';
import { encodeModel } from '../../server/src/onnx/write';
import { projectRoot } from '../../server/src/system/paths';
import { memoryOf } from '../processes';

export interface ManyImages {
  readonly count: number;
  /** From process start to process end. */
  readonly seconds: number;
  readonly peakMb: number;
  /** Resident set by finished image, MB. */
  readonly residentMb: readonly number[];
}

/** Side of the picture: large enough for a face to be found, small enough for a thousand reports to fit on a disk. */
const SIDE = 320;

/** A network of two convolutions, so that everything around it weighs as much as can be. */
export async function prepareImages(folder: string, most: number): Promise<string> {
  const { image } = await decodeImage(join(projectRoot(), 'samples', 'portrait.png'));
  await mkdir(join(folder, 'images'));
  await writeFile(join(folder, 'small.onnx'), encodeModel(smallClassifier()));
  const first = join(folder, 'first.png');
  await writeFile(first, await encodeRgbPng(resizeRgb(image, SIDE, SIDE)));
  for (let i = 0; i < most; i++) await link(first, imageAt(folder, i));
  return folder;
}

const imageAt = (folder: string, i: number): string => join(folder, 'images', `image-${i}.png`);

/** @throws Error if an image fails */
export async function analyzeMany(folder: string, count: number): Promise<ManyImages> {
  const output = join(folder, 'reports');
  const cli = join(projectRoot(), 'dist', 'cli.js');
  const options = [
    '--weights',
    join(folder, 'small.onnx'),
    '--pipeline',
    'imagenet',
    '--detector',
    'blazeface',
  ];
  const images = Array.from({ length: count }, (_, i) => imageAt(folder, i));
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [cli, 'analyze', '--json', '--quiet', '--device', 'cpu', '--output', output, ...options, ...images],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, INFERENCE_LENS_CACHE: join(folder, 'cache') },
    },
  );
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-2000)));
  const ended = new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  const residentMb: number[] = [];
  let peakMb = NaN;
  let failures = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const answer = JSON.parse(line) as { readonly ok?: boolean; readonly image?: string };
    if (answer.image === undefined) continue; // a summary, not an image
    if (answer.ok !== true) failures++;
    const memory = memoryOf(child.pid);
    if (memory === null) continue; // it has ended: its last lines are read from the pipe
    residentMb.push(memory.residentMb);
    peakMb = memory.peakMb;
  }
  const code = await ended;
  const seconds = (performance.now() - start) / 1000;
  await rm(output, { recursive: true, force: true });
  if (code !== 0 || failures > 0)
    throw new Error(`analyze of ${count} images ended with ${String(code)}, ${failures} failed: ${stderr}`);
  return { count, seconds, peakMb, residentMb };
}

/** Of a least-squares line through the later half, kilobytes an image; NaN for fewer than eight points. */
export function slopeKb(residentMb: readonly number[]): number {
  const later = residentMb.slice(residentMb.length >> 1);
  if (later.length < 4) return NaN;
  const middle = (later.length - 1) / 2;
  const mean = later.reduce((sum, value) => sum + value, 0) / later.length;
  const products = later.reduce((sum, value, i) => sum + (i - middle) * (value - mean), 0);
  const squares = later.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
  return (1000 * products) / squares;
}
