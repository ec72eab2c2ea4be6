/** `inference-lens lens`: what it prints, and how it ends. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Report } from '../../protocol/report';
import { writeModel } from '../../server/src/onnx/write';
import { lensSchema } from '../../server/src/lens/schema';
import { samplePath } from '../support/cli';
import { residentCli } from '../support/resident-cli';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('cli-lens');
const written = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test('--help answers', async () => {
  const { code, stdout } = await residentCli(['lens', '--help']);
  assert.equal(code, 0);
  assert.match(stdout, /Lens\n {2}init <model>/);
});

test('schema prints the schema; list and show the lenses that ship', async () => {
  const [schema, list, show] = await Promise.all([
    residentCli(['lens', 'schema']),
    residentCli(['lens', 'list']),
    residentCli(['lens', 'show', 'fsbi']),
  ]);
  assert.deepEqual(JSON.parse(schema.stdout), JSON.parse(JSON.stringify(lensSchema())));
  assert.match(list.stdout, /^fsbi .*\nimagenet .*\nmobilenet_v2 .*\nsbi .*\ntorchvision .*\n$/);
  assert.match(show.stdout, /^\/\/ FSBI, .*"wavelet"/s);
});

test('check: every problem with its place, as text and as JSON', async () => {
  const path = written('wrong.lens.json', '{\n  "labls": ["a"],\n  "methods": ["gradcm"]\n}\n');
  const [text, json] = await Promise.all([
    residentCli(['lens', 'check', path]),
    residentCli(['lens', 'check', path, '--json']),
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
  const good = await residentCli([
    'lens',
    'check',
    written('good.lens.json', '{"labels": "labels.txt"}'),
    '--json',
  ]);
  assert.equal((JSON.parse(good.stdout) as { classes: number }).classes, 2);
  const gone = await residentCli(['lens', 'check', written('gone.lens.json', '{"labels": "gone.txt"}')]);
  assert.equal(gone.code, 2);
  assert.match(
    gone.stderr,
    /gone\.lens\.json:1:12: labels: .*gone\.txt: expected a file, found no file there/,
  );
});

test('usage: unknown commands and lenses are refused with the choices', async () => {
  const [none, unknown, other] = await Promise.all([
    residentCli(['lens']),
    residentCli(['lens', 'chek', 'x']),
    residentCli(['lens', 'show', 'fsb']),
  ]);
  for (const { code } of [none, unknown, other]) assert.equal(code, 2);
  assert.match(unknown.stderr, /found "chek".*Commands are schema, /s);
  assert.match(other.stderr, /no lens "fsb".*Did you mean "fsbi"\?/s);
});

test('init writes a lens with where each value is from; check holds it against the model and a picture', async () => {
  const place = join(folder, 'init');
  mkdirSync(place);
  await writeModel(smallClassifier(), join(place, 'small.onnx'));
  const made = await residentCli(['lens', 'init', join(place, 'small.onnx')]);
  assert.equal(made.code, 0, made.stderr);
  const path = join(place, 'small.lens.json');
  const text = readFileSync(path, 'utf8');
  assert.match(
    text,
    /"model": "small\.onnx".*\/\/ A GUESS: .*\/\/ or: .*"preprocess": \[.*"layout": "NCHW"/s,
  );
  assert.match(text, /\/\/ labels: not known/);
  assert.ok(!text.includes('$schema'));
  const again = await residentCli(['lens', 'init', join(place, 'small.onnx')]);
  assert.match(again.stderr, /small\.lens\.json already exists/);
  const good = await residentCli(['lens', 'check', path, '--image', samplePath]);
  assert.match(
    good.stdout,
    /small\.lens\.json is a lens that fits small\.onnx, which takes 64 x 64 pixels \(width x height\) in 3 channels\.$/m,
  );
  assert.match(good.stdout, /Its steps turn portrait\.png into the network's input\./);
  const other = written('init/other.lens.json', '{"model": "small.onnx", "labels": ["a"]}');
  const bad = await residentCli(['lens', 'check', other]);
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
  const kept = await residentCli(['models', 'import', model, '--as', 'bound', '--lens', lens], { env });
  assert.equal(kept.code, 0, kept.stderr);
  const done = await residentCli(
    ['analyze', samplePath, '--weights', 'bound', '--output', join(folder, 'out'), '--json'],
    { env },
  );
  assert.equal(done.code, 0, done.stderr);
  const { report } = JSON.parse(done.stdout) as { report: Report };
  assert.deepEqual([report.model.labels, report.target.label], [['x', 'y', 'z'], 'y']);
  assert.equal(report.lens?.values.find(({ key }) => key === 'labels')?.origin, 'store');
});

test('a graph that normalizes its image itself: a lens that normalizes too is refused, by itself, beside the file and from the store', async () => {
  const place = join(folder, 'inside');
  mkdirSync(place, { recursive: true });
  const model = join(place, 'inside.onnx');
  await writeModel(smallClassifier({ normalizes: true }), model);
  const twice = JSON.stringify({
    preprocess: [
      { step: 'resize' },
      { step: 'rescale' },
      { step: 'normalize', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    ],
  });
  const lens = written('twice.lens.json', twice);
  const env = { INFERENCE_LENS_CACHE: join(folder, 'cache-inside') };
  const run = (...args: readonly string[]) => residentCli([...args], { weights: 'unsaid', env });
  const analyze = (...args: readonly string[]) =>
    run('analyze', samplePath, '--output', join(folder, 'out'), '--json', ...args);
  const says =
    /gives values of -2\.12 to 2\.64; inside\.onnx \(onnx\) normalizes .{1,3}image.{1,3} itself \(Sub, Div\) and takes 0\.\.255\..*:1:15/s;
  const given = await analyze('--weights', model, '--lens', lens);
  assert.equal(given.code, 2);
  assert.match(given.stdout + given.stderr, says);
  const checked = await run('lens', 'check', lens, model);
  assert.notEqual(checked.code, 0);
  // Without a lens the graph's own part is left out, and that is said.
  const { stdout } = await analyze('--weights', model);
  const { report } = JSON.parse(stdout.split('\n')[0] ?? '') as { report: Report };
  assert.deepEqual(report.preprocess.expectedRange, [0, 255]);
  assert.ok(report.model.notes.some((note) => /normalizes "image" itself/.test(note)));
  writeFileSync(join(place, 'inside.lens.json'), twice);
  const beside = await analyze('--weights', model);
  assert.equal(beside.code, 2);
  assert.match(beside.stdout + beside.stderr, says);
});

test('labels beside a file that an earlier source overrules are named where they contradict the network', async () => {
  const place = join(folder, 'overruled');
  mkdirSync(place, { recursive: true });
  const model = join(place, 'm.onnx');
  await writeModel(smallClassifier(), model);
  writeFileSync(join(place, 'labels.txt'), 'cat\ndog\n');
  const lens = written('right.lens.json', '{ "labels": ["a", "b", "c"] }');
  const args = ['analyze', samplePath, '--weights', model, '--output', join(folder, 'out'), '--json'];
  const wrong = await residentCli(args, { weights: 'unsaid' });
  assert.equal(wrong.code, 2);
  const { stdout } = await residentCli([...args, '--lens', lens], { weights: 'unsaid' });
  const { report } = JSON.parse(stdout.split('\n')[0] ?? '') as { report: Report };
  assert.match(
    report.lens?.values.find(({ key }) => key === 'labels')?.detail ?? '',
    /right\.lens\.json:1:13; not taken, as the file .*labels\.txt names 2 classes \(cat, dog\) and the network has 3 classes/,
  );
});
