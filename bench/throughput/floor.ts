/**
 * The floor of one picture, in a process of its own that prints JSON: CPU time of decoding, of preprocessing and of one forward pass, each
 * measured by itself, one picture after another, with one thread and nothing else.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseEvaluate } from '../../server/src/cli/evaluate-options';
import { openSubject } from '../../server/src/evaluation/subject';
import { decodeImage } from '../../server/src/imaging/decode';
import { Kernels } from '../../server/src/imaging/kernels';
import { BatchWeights } from '../../server/src/pipeline/network/batch-weights';
import { wholeImage } from '../../server/src/pipeline/face/crop';
import { prepareInput } from '../../server/src/pipeline/steps/preprocess';
import { Workbench } from '../../server/src/pipeline/workbench/workbench';
import { forwardOnly } from '../networks';

export interface Floor {
  /** CPU milliseconds of one picture; forward is one forward pass of the raw graph. */
  readonly decode: number;
  readonly prepare: number;
  readonly forward: number;
}

const WARM_UP = 3;

async function measure(
  folder: string,
  architecture: string,
  threads: number,
  words: readonly string[],
): Promise<Floor> {
  const { options } = parseEvaluate([folder, ...words]);
  const bench = new Workbench();
  const subject = await openSubject(folder, options, bench, { weights: new BatchWeights(), several: true });
  const { lens, classifier } = subject.network;
  const [, , height = 0, width = 0] = classifier.about.inputShape;
  subject.done();
  await bench.dispose(); // its threads are none of the floor's
  const forward = await forwardOnly({ architecture, side: width, threads });
  const kernels = new Kernels();
  const spent = { decode: 0, prepare: 0, forward: 0 };
  const files = readdirSync(folder).map((name) => join(folder, name));
  let counted = 0;
  for (const [at, file] of [...files.slice(0, WARM_UP), ...files].entries()) {
    const cpu = async <T>(step: keyof Floor, work: () => T | Promise<T>): Promise<T> => {
      const before = process.cpuUsage();
      const value = await work();
      const { user, system } = process.cpuUsage(before);
      if (at >= WARM_UP) spent[step] += (user + system) / 1000;
      return value;
    };
    const { image } = await cpu('decode', () => decodeImage(file));
    const region = wholeImage(image);
    const { tensor } = await cpu('prepare', () => prepareInput(region, lens, { width, height }, kernels));
    await cpu('forward', () => forward.run(tensor));
    if (at >= WARM_UP) counted++;
  }
  await forward.dispose();
  return {
    decode: spent.decode / counted,
    prepare: spent.prepare / counted,
    forward: spent.forward / counted,
  };
}

const [folder = '', architecture = '', threads = '1', ...words] = process.argv.slice(2);
void measure(folder, architecture, Number(threads), words).then((floor) => {
  process.stdout.write(JSON.stringify(floor));
});
