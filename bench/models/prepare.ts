/** The first report of an ONNX file as a user meets it: `analyze` in fresh processes, without and with the network in the cache. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuOfChildren, measuredEnvironment, measureProcess } from '../processes';

/** What a first report takes more than a second one, in seconds. */
export interface Preparation {
  /** By the clock. */
  readonly wall: number;
  /** Of the CPU, all threads together: what remains when others use the machine. */
  readonly cpu: number;
}

/** @param checkout whose `dist/cli.js` is measured */
export async function preparation(checkout: string, model: string): Promise<Preparation> {
  const folder = await mkdtemp(join(tmpdir(), 'lens-models-'));
  try {
    const report = async (output: string): Promise<Preparation> => {
      const image = join(checkout, 'samples', 'portrait.png');
      const options = ['--weights', model, '--pipeline', 'imagenet', '--detector', 'none', '--device', 'cpu'];
      const place = ['--output', join(folder, output)];
      const args = [join(checkout, 'dist', 'cli.js'), 'analyze', image, '-q', ...options, ...place];
      const env = measuredEnvironment({ INFERENCE_LENS_CACHE: join(folder, 'cache') });
      const before = cpuOfChildren();
      const { milliseconds } = await measureProcess(process.execPath, args, env);
      return { wall: milliseconds / 1000, cpu: cpuOfChildren() - before };
    };
    const first = await report('first');
    const second = await report('second');
    return { wall: first.wall - second.wall, cpu: first.cpu - second.cpu };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
