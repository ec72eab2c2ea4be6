/** A folder as Hugging Face and Azure export it, given as it is: its pictures are prepared and its classes named silently, and so after an import. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Report } from '../../protocol/report';
import { encodeModel } from '../../server/src/onnx/write';
import { samplePath } from '../support/cli';
import { residentCli } from '../support/resident-cli';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('derived-lens');
const cache = join(folder, 'cache');

const analyzed = async (weights: string): Promise<Report> => {
  const { code, stdout, stderr } = await residentCli(
    [
      ...['analyze', samplePath, '--weights', weights, '--json', '--device', 'cpu'],
      ...['--output', join(folder, 'out')],
    ],
    { weights: 'unsaid', env: { INFERENCE_LENS_CACHE: cache } },
  );
  assert.equal(code, 0, stderr);
  return (JSON.parse(stdout.trim().split('\n')[0] ?? '') as { report: Report }).report;
};

test('a Hugging Face folder with onnx/model.onnx, and the same model from the store', async () => {
  const place = join(folder, 'my-vit');
  mkdirSync(join(place, 'onnx'), { recursive: true });
  writeFileSync(join(place, 'onnx', 'model.onnx'), encodeModel(smallClassifier()));
  const names = { '0': 'cat', '1': 'dog', '2': 'fox' };
  writeFileSync(join(place, 'config.json'), JSON.stringify({ id2label: names, model_type: 'vit' }));
  const processor = { image_processor_type: 'ViTImageProcessor', size: 64, resample: 3 };
  writeFileSync(join(place, 'preprocessor_config.json'), JSON.stringify(processor));
  const check = ({ classifier, lens, warnings }: Report, origin: string): void => {
    assert.deepEqual(classifier.labels, ['cat', 'dog', 'fox']);
    const steps = lens?.values.find(({ key }) => key === 'preprocess');
    assert.equal(steps?.origin, origin);
    assert.deepEqual(steps.value, [
      { step: 'resize', filter: 'bicubic', like: 'pillow', size: 64, fit: 'exact' },
      { step: 'rescale' },
      { step: 'normalize', mean: 0.5, std: 0.5 },
    ]);
    assert.deepEqual(
      warnings.filter(({ message }) => message.includes('was assumed')),
      [],
    );
  };
  const given = await analyzed(place);
  check(given, 'files');
  assert.match(
    String(given.lens?.values.find(({ key }) => key === 'labels')?.detail),
    /id2label of .*config\.json/,
  );
  const imported = await residentCli(['models', 'import', place, '--as', 'mine'], {
    env: { INFERENCE_LENS_CACHE: cache },
  });
  assert.equal(imported.code, 0, imported.stderr);
  check(await analyzed('mine'), 'store');
  const record = readFileSync(join(cache, 'store', 'models', 'mine.json'), 'utf8');
  assert.match(record, /ViTImageProcessor of /, 'the lens says where it was read');
});
