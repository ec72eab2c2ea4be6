/** What an editor hears while a network is loaded, from an empty cache and from a full one. */
import assert from 'node:assert/strict';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { analyze } from '../../protocol/requests';
import { writeModel } from '../../server/src/onnx/write';
import { samplePath } from '../support/cli';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';
import { startServer } from './server';
import { hear, valueOf } from './watch';

test('an editor hears what goes on while a network is prepared, and nothing of it the next time', async () => {
  const own = temporaryFolder('prepared');
  const weights = join(own, 'heard.onnx');
  await writeModel(smallClassifier(), weights);
  const cache = { INFERENCE_LENS_CACHE: join(own, 'cache') };
  const server = await startServer({ device: 'cpu', weights: 'nets/heard.onnx' }, { env: cache });
  try {
    const stages: string[][] = [];
    for (const job of ['cold', 'cached']) {
      const heard = hear(server, job);
      valueOf(
        await server.ask(analyze, { job, image: samplePath, options: { weights, pipeline: 'imagenet' } }),
      );
      stages.push(heard.progress.filter(({ step }) => step === 'model').map(({ message }) => message));
    }
    // The setting's path starts at the image's workspace folder, wherever the server was started.
    await mkdir(join(server.output, 'nets'));
    await copyFile(weights, join(server.output, 'nets', 'heard.onnx'));
    const image = join(server.output, 'portrait.png');
    await copyFile(samplePath, image);
    const job = 'relative';
    const { report } = valueOf(await server.ask(analyze, { job, image, options: { pipeline: 'imagenet' } }));
    assert.equal(report.model.path, join(server.output, 'nets', 'heard.onnx'));
    assert.deepEqual(stages, [
      ['reading weights', 'gradients', 'optimizing'].map(
        (stage) => `Preparing heard.onnx (first time only): ${stage}`,
      ),
      ['loading heard.onnx'],
    ]);
  } finally {
    await server.stop();
  }
});
