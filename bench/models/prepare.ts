/** The first preparation of an ONNX file as a user meets it: `analyze` in a fresh process without and with the network in the cache. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measuredEnvironment, measureProcess } from '../processes';

/** Seconds. */
export interface Preparation {
  /** The clock: steps `model` and `explain` of a first report, less those of a second one. */
  readonly seconds: number;
}

/** @param checkout whose `dist/cli.js` is measured */
export async function preparation(checkout: string, model: string): Promise<Preparation> {
  const folder = await mkdtemp(join(tmpdir(), 'lens-models-'));
  try {
    const steps = async (run: string): Promise<number> => {
      const output = join(folder, run);
      const image = join(checkout, 'samples', 'portrait.png');
      const options = ['--weights', model, '--pipeline', 'imagenet', '--detector', 'none', '--device', 'cpu'];
      const args = [join(checkout, 'dist', 'cli.js'), 'analyze', image, '-q', ...options, '--output', output];
      const env = measuredEnvironment({ INFERENCE_LENS_CACHE: join(folder, 'cache') });
      await measureProcess(process.execPath, args, env);
      const [report = ''] = await readdir(output);
      const text = await readFile(join(output, report, 'report.json'), 'utf8');
      const { timings } = JSON.parse(text) as { timings: readonly { step: string; milliseconds: number }[] };
      return timings
        .filter(({ step }) => step === 'model' || step === 'explain')
        .reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    };
    const first = await steps('first');
    return { seconds: (first - (await steps('second'))) / 1000 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
