/** `inference-lens analyze` over folders as people have them: odd names, reports among the images, files that vanish. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { writeModel } from '../../server/src/onnx/write';
import { runCli, samplePath } from '../support/cli';
import { readReport } from '../support/report';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('folders');
const model = join(folder, 'small.onnx');
before(() => writeModel(smallClassifier(), model));
const small = ['--pipeline', 'imagenet', '--weights', model, '--device', 'cpu'] as const;

function copies(name: string, files: readonly string[]): string {
  const place = join(folder, name);
  for (const file of files) {
    mkdirSync(join(place, file, '..'), { recursive: true });
    copyFileSync(samplePath, join(place, file));
  }
  return place;
}

test('odd names: each is one line, analyzed, and named in its report as it is', async () => {
  const names = [
    '-o.png',
    'new\nline.png',
    `quo'te"s.png`,
    'emoji 😀.png',
    'turned\u202egnp.png',
    'a[1]*?.png',
  ];
  const place = copies('odd', process.platform === 'win32' ? names.slice(0, 1) : names);
  const output = join(folder, 'odd out');
  const { code, stdout, stderr } = await runCli(['analyze', place, ...small, '--output', output]);
  assert.equal(code, 0, stderr);
  const rows = stdout.trimEnd().split('\n');
  assert.equal(rows.filter((row) => row.includes('  ->  ')).length, readdirSync(place).length);
  assert.equal(rows.length, readdirSync(place).length + 6);
  assert.doesNotMatch(stdout + stderr, /\u202e/);
  const paths = readdirSync(output).map((id) => readReport(join(output, id, 'result')).input.path);
  assert.deepEqual(
    paths.sort(),
    readdirSync(place)
      .map((name) => join(place, name))
      .sort(),
  );
});

test('images of one name in several folders: a report each, whose image is told apart', async () => {
  const place = copies('same', ['a/x.png', 'b/x.png', 'c/x.png', 'x.png']);
  const output = join(folder, 'same out');
  const { code, stderr } = await runCli(['analyze', place, ...small, '--output', output]);
  assert.equal(code, 0, stderr);
  const ids = readdirSync(output);
  assert.equal(ids.length, 4);
  assert.equal(new Set(ids.map((id) => readReport(join(output, id, 'result')).input.path)).size, 4);
});

for (const output of ['inference-lens-report', '.']) {
  test(`reports written among the images (--output ${output}) are not images the second time, nor under another name`, async () => {
    const place = copies(`among ${output}`, ['a.png', 'b.png']);
    const analyzeAll = async (...paths: readonly string[]): Promise<number> => {
      const earlier = new Set(readdirSync(join(place, output)));
      const { code, stderr } = await runCli(['analyze', ...paths, ...small, '--output', output], {
        cwd: place,
      });
      assert.equal(code, 0, stderr);
      return readdirSync(join(place, output)).filter((name) => !earlier.has(name)).length;
    };
    mkdirSync(join(place, output), { recursive: true });
    assert.equal(await analyzeAll('.'), 2);
    assert.equal(await analyzeAll('.'), 2);
    assert.equal(await analyzeAll(...readdirSync(place)), 2, 'as a shell expands *');
    const [first] = readdirSync(join(place, output)).filter((name) => name.includes('_inference_'));
    renameSync(join(place, output, first ?? ''), join(place, 'the good one'));
    assert.equal(await analyzeAll('.'), 2);
  });
}

test('a folder that vanishes while it is analyzed: what was there has its report, each other image its error', async () => {
  const count = 40;
  const place = copies(
    'vanishing',
    Array.from({ length: count }, (_, i) => `${i}.png`),
  );
  const output = join(folder, 'vanishing out');
  let gone = false;
  const { code, stdout, stderr } = await runCli(['analyze', place, ...small, '--json', '--output', output], {
    onStderr: (text) => {
      if (gone || !text.includes(`2 of ${count}`)) return;
      gone = true;
      renameSync(place, `${place} away`);
    },
  });
  assert.equal(code, 3, stderr);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { ok: boolean; failure?: { kind: string; message: string } });
  assert.equal(lines.length, count);
  const failures = lines.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  assert.ok(failures.length > 0);
  for (const { kind, message } of failures)
    assert.match(`${kind}: ${message}`, /^image: There is no file .*vanishing/);
  assert.equal(readdirSync(output).length, count - failures.length);
});

test('an output folder on a file system that takes none is an error at once', async (t) => {
  if (process.platform !== 'linux') {
    t.skip('needs /proc');
    return;
  }
  for (const images of [[samplePath], [samplePath, samplePath]]) {
    const { code, stderr } = await runCli(['analyze', ...images, ...small, '--output', '/proc/reports'], {
      timeoutMs: 180_000,
    });
    assert.equal(code, 6, stderr);
    assert.match(
      stderr,
      /\/proc\/reports: expected to write the report there, found a file system that takes no/,
    );
  }
});
