/** What `inference-lens analyze` says while it loads a network, from an empty cache and from a full one. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { writeModel } from '../../server/src/onnx/write';
import { runCli, samplePath } from '../support/cli';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('loading');

describe('what is said while a network is loaded', () => {
  const model = join(folder, 'said.onnx');
  const cache = join(folder, 'said-cache');
  const loading = async (...more: readonly string[]): Promise<readonly string[]> => {
    const args = ['--pipeline', 'imagenet', '--weights', model, '--output', join(folder, 'said'), ...more];
    const finished = await runCli(['analyze', samplePath, ...args], { env: { INFERENCE_LENS_CACHE: cache } });
    assert.equal(finished.code, 0, finished.stderr);
    return finished.stderr.split('\n').filter((line) => line.includes('said.onnx'));
  };
  before(() => writeModel(smallClassifier(), model));

  test('each stage where it is prepared, a line where it is in the cache, each again where other methods are asked', async () => {
    const stages = ['reading weights', 'gradients', 'optimizing'].map(
      (stage) => `portrait.png: Preparing said.onnx (first time only): ${stage}`,
    );
    assert.deepEqual(await loading(), stages);
    assert.deepEqual(await loading(), ['portrait.png: loading said.onnx']);
    assert.deepEqual(await loading('--method', 'hirescam'), stages);
    assert.deepEqual(await loading('--quiet'), []);
  });
});
