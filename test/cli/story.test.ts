/** The sample that tells a story, from the command line: the network that looks at the watermark fails the check, the repaired one passes. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Summary } from '../../server/src/evaluation/summary/facts';
import { root, runCli } from '../support/cli';
import { put } from '../support/labelled-set';
import { temporaryFolder } from '../support/temp';

const sample = join(root, 'samples', 'watermark');
const pictures = join(sample, 'pictures');
const folder = temporaryFolder('story');

async function evaluated(name: 'cheater' | 'repaired'): Promise<Summary> {
  const network = ['--weights', join(sample, `${name}.onnx`), '--device', 'cpu'];
  const measured = ['--layers', 'features.14', '--attention-box', '0.76,0.76,1,1'];
  const output = join(folder, name);
  const { code, stderr } = await runCli(['evaluate', pictures, ...network, ...measured, '--output', output]);
  assert.equal(code, 0, stderr);
  return JSON.parse(readFileSync(join(output, 'evaluation', 'summary.json'), 'utf8')) as Summary;
}

const check = (name: 'cheater' | 'repaired') =>
  runCli(['check', join(sample, `${name}.lens.json`), '--device', 'cpu'], { cwd: root });

/** Cells of the 8 x 8 grid, the largest share first. */
const brightest = ({ layers }: Summary): readonly number[] => {
  const grid = layers[0]?.mean.find(({ name }) => name === 'all')?.grid ?? [];
  return grid.map((_, cell) => cell).sort((a, b) => (grid[b] ?? 0) - (grid[a] ?? 0));
};

describe('the network that looks at the watermark', () => {
  test('is found out by its evaluation: half wrong where the mark misleads, and bright in one corner', async () => {
    const summary = await evaluated('cheater');
    assert.deepEqual(summary.rows, { all: 60, failed: 0, labelled: 60, undecided: 0 });
    assert.ok(Math.abs((summary.metrics?.accuracy ?? 0) - 0.667) < 0.02, String(summary.metrics?.accuracy));
    assert.ok((summary.layers[0]?.box ?? 0) > 0.25, String(summary.layers[0]?.box));
    const corner = [54, 55, 62, 63]; // the last two rows and columns
    assert.ok(corner.includes(brightest(summary)[0] ?? -1), 'the brightest cell of the mean heatmap');
    // Wrong verdicts are circles with the mark, or squares without it.
    for (const { path } of summary.worst) assert.match(path, /circle\/\d+-marked|square\/\d+-plain/);
  });

  test('fails the check with 7, which names the line of the corner', async () => {
    const { code, stdout } = await check('cheater');
    assert.equal(code, 7, stdout);
    assert.match(stdout, /FAILED {2}accuracy: expected at least 0\.9, found 0\.6\d+/);
    assert.match(
      stdout,
      /FAILED {2}attention in the box of features\.14: expected at most 0\.1, found 0\.2\d+.*cheater\.lens\.json:14:/,
    );
  });
});

describe('the repaired network', () => {
  test('is right, and looks elsewhere', async () => {
    const summary = await evaluated('repaired');
    assert.equal(summary.metrics?.accuracy, 1);
    assert.ok((summary.layers[0]?.box ?? 1) < 0.03, String(summary.layers[0]?.box));
    assert.ok(!brightest(summary).slice(0, 20).includes(63), 'the corner is not among the bright cells');
  });

  test('passes the same check', async () => {
    const { code, stdout } = await check('repaired');
    assert.equal(code, 0, stdout);
    const [cheater, repaired] = ['cheater', 'repaired'].map((name) =>
      readFileSync(join(sample, `${name}.lens.json`), 'utf8').replaceAll(name, 'NAME'),
    );
    assert.equal(cheater, repaired, 'both lenses expect the same');
  });
});

test('classes that are named the wrong way round are found out, and the better order is written into the lens', async () => {
  const place = join(folder, 'swapped');
  const lens = join(place, 'repaired.lens.json');
  put(join(place, 'repaired.onnx'), readFileSync(join(sample, 'repaired.onnx')));
  const text = readFileSync(join(sample, 'repaired.lens.json'), 'utf8');
  put(lens, text.replace('["circle", "square"]', '["square", "circle"]'));
  const evaluate = (output: string) =>
    runCli([
      'evaluate',
      pictures,
      '--weights',
      join(place, 'repaired.onnx'),
      '--output',
      join(place, output),
    ]);
  const adopt = () => runCli(['lens', 'adopt', lens, '--from', join(place, 'before')]);
  assert.match((await evaluate('before')).stdout, /0\.0% as labeled, 100\.0% if classes are sorted by name/);
  const adopted = await adopt();
  assert.equal(adopted.code, 0, adopted.stderr);
  assert.match(adopted.stdout, /repaired\.lens\.json now has the labels circle, square\./);
  assert.equal(
    readFileSync(lens, 'utf8').replace(/\s/g, ''),
    text.replace(/\s/g, ''),
    'all else stays, with its comments',
  );
  const after = await evaluate('after');
  assert.match(after.stdout, /accuracy 1\.0000/);
  const twice = await adopt();
  assert.equal(twice.code, 2);
  assert.match(twice.stderr, /already has this order of the classes/);
  put(lens, text.replace('["circle", "square"]', '["disc", "box"]'));
  assert.match((await adopt()).stderr, /found 2 others \(disc, box\)/);
  const nothing = await runCli(['lens', 'adopt', lens, '--from', join(place, 'after')]);
  assert.match(nothing.stderr, /expected an evaluation that found a better order of the classes, found none/);
});

test('the sample stays small: weights under 1 MB, 60 pictures, half of each class with the mark', () => {
  const bytes = ['cheater.onnx', 'repaired.onnx'].map((name) => statSync(join(sample, name)).size);
  assert.ok(bytes.reduce((sum, size) => sum + size, 0) < 1e6);
  for (const label of ['circle', 'square']) {
    const names = readdirSync(join(pictures, label));
    assert.equal(names.length, 30);
    assert.equal(names.filter((name) => name.includes('marked')).length, 15);
  }
});
