/** `inference-lens analyze` with several images: order, numbers, stops and what is left behind. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { Failure } from '../../protocol/failure';
import type { Report } from '../../protocol/report';
import { writeModel } from '../../server/src/onnx/write';
import type { Finished } from '../support/cli';
import { root, runCli, samplePath } from '../support/cli';
import { residentCli } from '../support/resident-cli';
import { checkPictures, checkSlices, filesBelow, readReport } from '../support/report';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('batch');
const model = join(folder, 'small.onnx');
before(() => writeModel(smallClassifier(), model));
const small = ['--pipeline', 'imagenet', '--weights', model, '--device', 'cpu'] as const;

const fixture = (name: string): string => join(root, 'test', 'fixtures', 'images', name);
const bad = join(folder, 'bad.png');
writeFileSync(bad, 'no picture');
const images = [
  samplePath,
  bad,
  fixture('rgb-444.jpg'),
  fixture('grey-16bit.png'),
  join(folder, 'missing.png'),
  fixture('lossy.webp'),
  fixture('palette.png'),
];

type Line =
  | { readonly ok: true; readonly image: string; readonly folder: string; readonly report: Report }
  | { readonly ok: false; readonly image: string; readonly failure: Failure };

const linesOf = ({ stdout }: Pick<Finished, 'stdout'>): readonly Line[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

/** Without what names the run or says how long it took. */
function numbersOf(line: Line): unknown {
  if (!line.ok) return line;
  const { processId, timestamp, timings, ...rest } = line.report;
  assert.ok(line.folder.includes(processId) && timestamp !== '');
  return { image: line.image, ...rest, steps: timings.map(({ step }) => step) };
}

const dataOf = (place: string): readonly (readonly [string, string])[] =>
  filesBelow(place)
    .filter((name) => !['report.json', 'report.md', 'process.log'].includes(name))
    .map((name) => [name, readFileSync(join(place, name), 'base64')]);

/** Two of them are read. Each picture through the large network takes as long as four processes that start. */
const few = [samplePath, bad, fixture('grey-16bit.png'), join(folder, 'missing.png')];

for (const [name, given, options] of [
  ['a small network', images, small],
  ['EfficientNet-B5', few, ['--detector', 'none', '--device', 'cpu']],
] as const) {
  test(`good and bad images through ${name}: a line each in order, as one by one`, async () => {
    const several = await runCli([
      ...['analyze', ...given, ...options, '--json', '--output', join(folder, `several ${name}`)],
    ]);
    assert.equal(several.code, 3, several.stderr);
    const lines = linesOf(several);
    assert.deepEqual(
      lines.map(({ image }) => image),
      given,
    );
    const single: Line[] = [];
    for (const image of given) {
      const finished = await residentCli([
        ...['analyze', image, ...options, '--json', '--output', join(folder, `single ${name}`)],
      ]);
      single.push(...linesOf(finished));
    }
    assert.deepEqual(lines.map(numbersOf), single.map(numbersOf));
    for (const [i, line] of lines.entries()) {
      const other = single[i];
      assert.equal(line.ok, ![bad, join(folder, 'missing.png')].includes(line.image));
      if (!line.ok || other?.ok !== true) continue;
      assert.deepEqual(readReport(line.folder), line.report);
      checkSlices(line.folder, line.report);
      await checkPictures(line.folder, line.report);
      assert.deepEqual(dataOf(line.folder), dataOf(other.folder));
    }
    assert.equal(readdirSync(join(folder, `several ${name}`)).length, given.length - 2);
    assert.match(several.stderr, new RegExp(`^${given.length} of ${given.length}\\b.*: \\S+$`, 'm'));
    assert.match(several.stderr, /bad\.png is a text file, not an image/);
    assert.match(
      several.stderr,
      /^failed {4}2: (not-an-image 1, no-file 1|no-file 1, not-an-image 1)$/m,
      'the summary does not mix with the lines',
    );
  });
}

describe('a folder', () => {
  const photos = join(folder, 'photos');
  const output = join(photos, 'reports');
  const names = ['b.png', join('sub', 'a.png'), join('sub', 'c.PNG')];

  before(() => {
    mkdirSync(join(photos, 'sub'), { recursive: true });
    for (const name of names) copyFileSync(samplePath, join(photos, name));
    writeFileSync(join(photos, 'notes.txt'), 'no image');
  });

  for (const time of ['first', 'second: the reports of the first are no images']) {
    test(`a line for each image and a summary, ${time}`, async () => {
      const { code, stdout, stderr } = await residentCli(
        ['analyze', 'photos', ...small, '--output', output],
        {
          cwd: folder,
        },
      );
      assert.equal(code, 0, stderr);
      const lines = stdout.trimEnd().split('\n');
      const rows = lines.slice(0, names.length).map((line) => {
        const [, verdict, image, report] = /^(class \d \d+\.\d%) {2}(\S+) {2}-> {2}(\S+)$/.exec(line) ?? [];
        assert.ok(verdict !== undefined && existsSync(join(folder, report ?? '')), line);
        return image;
      });
      assert.deepEqual(rows, names.map((name) => join('photos', name)).sort());
      const label = /^class \d/.exec(lines[0] ?? '')?.[0] ?? '';
      const summary = lines.slice(names.length);
      assert.match(summary[0] ?? '', /^images {4}3 in \d.*, \d.* images\/s$/);
      assert.deepEqual(summary.slice(1), [
        'model     small.onnx, onnx',
        `verdicts  ${label} 3`,
        'failed    none',
        'warnings  none',
        `reports   ${output}`,
      ]);
    });
  }

  test('without images: exit code 3, by name, and the others are analyzed', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const { code, stdout, stderr } = await residentCli([
      ...['analyze', empty, samplePath, ...small, '--json', '--output', join(folder, 'beside')],
    ]);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /empty: expected a folder with images .*found none/);
    assert.deepEqual(
      linesOf({ stdout }).map(({ ok, image }) => [ok, basename(image)]),
      [
        [false, 'empty'],
        [true, 'portrait.png'],
      ],
    );
  });

  test('--quiet: nothing but errors', async () => {
    const { code, stdout, stderr } = await residentCli([
      ...['analyze', bad, photos, ...small, '--quiet', '--output', join(folder, 'quiet')],
    ]);
    assert.equal(code, 3);
    assert.equal(stdout, '');
    assert.match(stderr, /^error: .*bad\.png[^\n]*\n {2}[^\n]*\n {2}code: not-an-image\n$/);
  });
});

test('an interrupt stops all that are under way: exit code 130, whole reports only, each with its line', async () => {
  const output = join(folder, 'interrupted');
  let interrupted = false;
  const finished = await runCli(
    ['analyze', ...Array<string>(40).fill(samplePath), ...small, '--json', '--output', output],
    {
      onStderr: (text, kill) => {
        if (interrupted || !text.includes('4 of 40')) return;
        interrupted = true;
        kill('SIGINT');
      },
    },
  );
  assert.equal(finished.code, 130, finished.stderr);
  const lines = linesOf(finished);
  const reports = lines.filter((line) => line.ok);
  assert.ok(reports.length >= 1 && reports.length < 40);
  assert.deepEqual(
    readdirSync(output).sort(),
    reports.map(({ report }) => report.processId).sort(),
    'no half-written folder, and none without its line',
  );
  for (const line of lines) assert.ok(line.ok || line.failure.kind === 'cancelled');
  assert.ok(lines.length - reports.length <= 3, 'only what had begun has a line');
  assert.match(finished.stderr, /^error: Cancelled\.$/m);
  assert.match(finished.stderr, new RegExp(`^images {4}${reports.length} of 40 in `, 'm'));
});

test('an interrupt before anything is done leaves no output folder', async () => {
  const output = join(folder, 'at once', 'reports');
  let interrupted = false;
  const { code, stderr } = await runCli(
    ['analyze', bad, ...Array<string>(5).fill(samplePath), '--device', 'cpu', '--output', output],
    {
      onStderr: (_, kill) => {
        if (interrupted) return;
        interrupted = true;
        kill('SIGINT');
      },
    },
  );
  assert.equal(code, 130, stderr);
  assert.equal(existsSync(join(folder, 'at once')), false);
});

test('what would stop every image is said once and stops at once', async () => {
  const output = join(folder, 'hopeless');
  const finished = await residentCli([
    ...['analyze', samplePath, samplePath, samplePath, samplePath, samplePath],
    ...[...small, '--target', 'cat', '--json', '--output', output],
  ]);
  assert.equal(finished.code, 2, finished.stderr);
  assert.equal(linesOf(finished).length, 1);
  assert.equal(finished.stderr.match(/error:/g)?.length, 1, finished.stderr);
  assert.equal(existsSync(output), false);
});

test('a disk that fills up stops all: no report is half-written, and nothing else is tried', async (t) => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    t.skip('needs the right to mount a small tmpfs');
    return;
  }
  try {
    const finished = await runCli([
      ...['analyze', ...Array<string>(30).fill(samplePath), ...small, '--json', '--output', disk],
    ]);
    assert.equal(finished.code, 6, finished.stderr);
    const lines = linesOf(finished);
    const failures = lines.flatMap((line) => (line.ok ? [] : [line.failure]));
    assert.ok(lines.length < 30, `${lines.length} lines`);
    assert.ok(failures.length >= 1);
    for (const failure of failures) assert.deepEqual([failure.kind, failure.code], ['output', 'disk-full']);
    assert.equal(readdirSync(disk).length, lines.length - failures.length);
  } finally {
    execFileSync('umount', [disk]);
  }
});
