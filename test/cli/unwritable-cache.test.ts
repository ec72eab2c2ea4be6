/** A cache or a folder for temporary files that cannot be written: the analysis runs without it, says so once, and says the same. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeModel } from '../../server/src/onnx/write';
import { runCli, samplePath } from '../support/cli';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('unwritable-cache');
const model = join(folder, 'small.onnx');
writeFileSync(model, encodeModel(smallClassifier()));
const inTheWay = join(folder, 'file');
writeFileSync(inTheWay, 'not a folder');

interface Printed {
  readonly notCached?: readonly string[];
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  readonly classifier: { readonly logits: readonly number[] };
}

let runs = 0;

/** With the small model and the real detector, whose graph is cached as well. */
async function analyze(cache: string, temporary: string = tmpdir()) {
  const output = join(folder, `out-${++runs}`);
  const choices = ['--weights', model, '--pipeline', 'imagenet', '--detector', 'blazeface'];
  const args = ['analyze', samplePath, ...choices, '--output', output];
  const env = { INFERENCE_LENS_CACHE: cache, TMPDIR: temporary };
  const { code, stderr, stdout } = await runCli(args, { env });
  const read = (): Printed => {
    const [id = ''] = readdirSync(output);
    return JSON.parse(readFileSync(join(output, id, 'result', 'report.json'), 'utf8')) as Printed;
  };
  return { code, stderr, stdout, report: code === 0 ? read() : null };
}

const warningsIn = (report: Printed | null) =>
  report?.warnings.filter(({ code }) => code === 'not-cached') ?? [];

const expected = analyze(join(folder, 'good'));

async function runsUncached(cache: string): Promise<void> {
  const temporary = join(folder, `tmp-${runs}`);
  mkdirSync(temporary);
  const { code, stderr, stdout, report } = await analyze(cache, temporary);
  assert.equal(code, 0, stderr);
  const [warning, ...more] = warningsIn(report);
  assert.deepEqual(more, []);
  assert.ok(warning !== undefined, stdout);
  assert.ok(warning.message.includes(cache), warning.message);
  assert.deepEqual(report?.notCached, [warning.message]);
  assert.equal(stdout.split(/The cache folder .* cannot be written/).length, 2, stdout);
  assert.deepEqual(report.classifier, (await expected).report?.classifier);
  const left = readdirSync(temporary).filter((name) => name.startsWith('inference-lens'));
  assert.deepEqual(left, []);
}

async function refusesImport(cache: string): Promise<void> {
  const { code, stderr } = await runCli(['models', 'import', model], {
    env: { INFERENCE_LENS_CACHE: cache },
  });
  assert.equal(code, 6, stderr);
  assert.match(stderr, /cannot take .*small\.onnx/);
  assert.match(stderr, /INFERENCE_LENS_CACHE/);
}

test('a cache that can be written is not spoken of', async () => {
  const { code, stderr, report } = await expected;
  assert.equal(code, 0, stderr);
  assert.deepEqual([report?.notCached, warningsIn(report)], [undefined, []]);
});

for (const [name, cache] of [
  ['a file', inTheWay],
  ['below a file', join(inTheWay, 'a', 'b')],
] as const)
  test(`the cache is ${name}`, async () => {
    await runsUncached(cache);
    await refusesImport(cache);
  });

for (const [name, options, fill] of [
  ['read-only', 'ro', false],
  ['full from the start', 'size=64k', true],
  ['full before an entry is whole', 'size=24k', false],
  ['with room for one entry of two', 'size=64k', false],
] as const)
  test(`the cache is ${name}`, async (t) => {
    const disk = join(folder, `disk-${name.replaceAll(' ', '-')}`);
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      t.skip('needs the right to mount a small tmpfs');
      return;
    }
    try {
      if (fill) writeFileSync(join(disk, 'filler'), new Uint8Array(64 << 10));
      await runsUncached(disk);
      if (fill || options === 'ro') await refusesImport(disk);
    } finally {
      execFileSync('umount', [disk]);
    }
  });

test('without a folder for temporary files everything runs, cached', async () => {
  const { code, stderr, report } = await analyze(join(folder, 'good-too'), join(inTheWay, 'tmp'));
  assert.equal(code, 0, stderr);
  assert.deepEqual(warningsIn(report), []);
  assert.deepEqual(report?.classifier, (await expected).report?.classifier);
});

test('where neither can be written the analysis names the variable to set', async () => {
  const { code, stderr } = await analyze(inTheWay, join(inTheWay, 'tmp'));
  assert.equal(code, 6, stderr);
  assert.match(stderr, /cannot be written .*nor can the folder for temporary files/);
  assert.match(stderr, /INFERENCE_LENS_CACHE/);
});
