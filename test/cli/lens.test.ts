/** `inference-lens lens`: what it prints, and how it ends. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Report } from '../../protocol/report';
import { writeModel } from '../../server/src/onnx/write';
import { lensSchema } from '../../server/src/lens/schema';
import { runCli, samplePath } from '../support/cli';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('cli-lens');
const written = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test('--help answers', async () => {
  const { code, stdout } = await runCli(['lens', '--help']);
  assert.equal(code, 0);
  assert.match(stdout, /Lens\n {2}init <model>/);
});

test('schema prints the schema; list and show the lenses that ship', async () => {
  const [schema, list, show] = await Promise.all([
    runCli(['lens', 'schema']),
    runCli(['lens', 'list']),
    runCli(['lens', 'show', 'fsbi']),
  ]);
  assert.deepEqual(JSON.parse(schema.stdout), JSON.parse(JSON.stringify(lensSchema())));
  assert.match(list.stdout, /^fsbi .*\nimagenet .*\nmobilenet_v2 .*\nsbi .*\ntorchvision .*\n$/);
  assert.match(show.stdout, /^\/\/ FSBI, .*"wavelet"/s);
});

test('check: every problem with its place, as text and as JSON', async () => {
  const path = written('wrong.lens.json', '{\n  "labls": ["a"],\n  "methods": ["gradcm"]\n}\n');
  const [text, json] = await Promise.all([
    runCli(['lens', 'check', path]),
    runCli(['lens', 'check', path, '--json']),
  ]);
  assert.equal(text.code, 2);
  const [first = '', second = '', ...more] = text.stderr.trimEnd().split('\n');
  assert.equal(more.length, 0);
  assert.ok(
    first.startsWith(`${path}:2:3: expected one of the keys `) && first.endsWith('Did you mean "labels"?'),
  );
  assert.match(
    second,
    /:3:15: methods\[0\]: expected one of gradcam, .* found "gradcm"\. Did you mean "gradcam"\?$/,
  );
  assert.equal(json.code, 2);
  assert.deepEqual((JSON.parse(json.stdout) as { problems: string[] }).problems, [first, second]);
});

test('check: labels in a file beside it are read; one that is missing is named', async () => {
  written('labels.txt', 'real\nfake\n');
  const good = await runCli([
    'lens',
    'check',
    written('good.lens.json', '{"labels": "labels.txt"}'),
    '--json',
  ]);
  assert.equal((JSON.parse(good.stdout) as { classes: number }).classes, 2);
  const gone = await runCli(['lens', 'check', written('gone.lens.json', '{"labels": "gone.txt"}')]);
  assert.equal(gone.code, 2);
  assert.match(
    gone.stderr,
    /gone\.lens\.json:1:12: labels: .*gone\.txt: expected a file, found no file there/,
  );
});

test('usage: unknown commands and lenses are refused with the choices', async () => {
  const [none, unknown, other] = await Promise.all([
    runCli(['lens']),
    runCli(['lens', 'chek', 'x']),
    runCli(['lens', 'show', 'fsb']),
  ]);
  for (const { code } of [none, unknown, other]) assert.equal(code, 2);
  assert.match(unknown.stderr, /found "chek".*Commands are schema, /s);
  assert.match(other.stderr, /no lens "fsb".*Did you mean "fsbi"\?/s);
});

test('init writes a lens with where each value is from; check holds it against the model and a picture', async () => {
  const place = join(folder, 'init');
  mkdirSync(place);
  await writeModel(smallClassifier(), join(place, 'small.onnx'));
  const made = await runCli(['lens', 'init', join(place, 'small.onnx')]);
  assert.equal(made.code, 0, made.stderr);
  const path = join(place, 'small.lens.json');
  const text = readFileSync(path, 'utf8');
  assert.match(
    text,
    /"model": "small\.onnx".*\/\/ A GUESS: .*\/\/ or: .*"preprocess": \[.*"layout": "NCHW"/s,
  );
  assert.match(text, /\/\/ labels: not known/);
  assert.ok(!text.includes('$schema'));
  const again = await runCli(['lens', 'init', join(place, 'small.onnx')]);
  assert.match(again.stderr, /small\.lens\.json is there already/);
  const good = await runCli(['lens', 'check', path, '--image', samplePath]);
  assert.match(good.stdout, /small\.lens\.json is a lens that fits small\.onnx, which takes 1 x 3 x/);
  assert.match(good.stdout, /Its steps make the network's input of portrait\.png\./);
  const other = written('init/other.lens.json', '{"model": "small.onnx", "labels": ["a"]}');
  const bad = await runCli(['lens', 'check', other]);
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /other\.lens\.json names 1 class \(a\); small\.onnx \(onnx\) has 3 classes/);
});

test('models import --lens binds a lens to weights in the store, its labels written out', async () => {
  const env = { INFERENCE_LENS_CACHE: join(folder, 'cache') };
  const model = join(folder, 'bound.onnx');
  await writeModel(smallClassifier(), model);
  written('three.txt', 'x\ny\nz\n');
  const lens = written(
    'bound-by.lens.json',
    '{ // kept\n  "model": "bound.onnx", "labels": "three.txt", "target": "y" }',
  );
  const kept = await runCli(['models', 'import', model, '--as', 'bound', '--lens', lens], { env });
  assert.equal(kept.code, 0, kept.stderr);
  const done = await runCli(
    ['analyze', samplePath, '--weights', 'bound', '--output', join(folder, 'out'), '--json'],
    { env },
  );
  assert.equal(done.code, 0, done.stderr);
  const { report } = JSON.parse(done.stdout) as { report: Report };
  assert.deepEqual([report.model.labels, report.target.label], [['x', 'y', 'z'], 'y']);
  assert.equal(report.lens?.values.find(({ key }) => key === 'labels')?.origin, 'store');
});
