/** `inference-lens lens`: what it prints, and how it ends. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lensSchema } from '../../server/src/lens/schema';
import { runCli } from '../support/cli';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('cli-lens');
const written = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test('--help answers', async () => {
  const { code, stdout } = await runCli(['lens', '--help']);
  assert.equal(code, 0);
  assert.match(stdout, /Lens\n {2}check <lens>/);
});

test('schema prints the schema; list and show the lenses that ship', async () => {
  const [schema, list, show] = await Promise.all([
    runCli(['lens', 'schema']),
    runCli(['lens', 'list']),
    runCli(['lens', 'show', 'fsbi']),
  ]);
  assert.deepEqual(JSON.parse(schema.stdout), JSON.parse(JSON.stringify(lensSchema())));
  assert.match(list.stdout, /^fsbi .*\nimagenet .*\nsbi .*\ntorchvision .*\n$/);
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
