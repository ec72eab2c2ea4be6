/** Weights that another program replaces while a batch runs: every report is of those the batch began with. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { Failure } from '../../protocol/failure';
import type { Report } from '../../protocol/report';
import { writeModel } from '../../server/src/onnx/write';
import type { Finished } from '../support/cli';
import { runCli, samplePath } from '../support/cli';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('replaced');
const first = join(folder, 'first.onnx');
const second = join(folder, 'second.onnx');
const model = join(folder, 'model.onnx');
const COUNT = 20;

before(async () => {
  await writeModel(smallClassifier(), first);
  await writeModel(smallClassifier({ spoil: 3 }), second);
});

type Line =
  | { readonly ok: true; readonly report: Report }
  | { readonly ok: false; readonly failure: Failure };

/** Runs a batch and calls `change` once, when two of its images are done. */
async function batch(change: () => void): Promise<{ finished: Finished; reports: readonly Report[] }> {
  copyFileSync(first, model);
  let changed = false;
  const finished = await runCli(
    [
      ...['analyze', ...Array<string>(COUNT).fill(samplePath), '--lens', 'imagenet', '--device', 'cpu'],
      ...['--weights', model, '--json', '--output', join(folder, 'out')],
    ],
    {
      onStderr: (text) => {
        if (changed || !text.includes(`2 of ${COUNT}`)) return;
        changed = true;
        change();
      },
    },
  );
  assert.ok(changed, finished.stderr);
  const lines = finished.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const reports = lines.map((line) => {
    if (!line.ok) assert.fail(JSON.stringify(line.failure));
    return line.report;
  });
  return { finished, reports };
}

const began = (): string => createHash('sha256').update(readFileSync(first)).digest('hex');

for (const [what, change, pattern] of [
  ['replaced', () => renameSync(second, model), /note: .*model\.onnx has changed since/],
  ['written over', () => copyFileSync(samplePath, model), /note: .*model\.onnx has changed since/],
  ['removed', () => rmSync(model), /note: .*model\.onnx can no longer be read/],
] as const) {
  test(`${what}: the batch continues with what it has, and says so at its end`, async () => {
    const { finished, reports } = await batch(change);
    assert.equal(finished.code, 0, finished.stderr);
    assert.equal(reports.length, COUNT);
    for (const { model: used, classifier } of reports) {
      assert.equal(used.sha256, began());
      assert.deepEqual(classifier, reports[0]?.classifier);
    }
    assert.match(finished.stderr, pattern);
    assert.ok(finished.stderr.includes(model), finished.stderr);
    assert.ok(finished.stderr.includes(began().slice(0, 12)), 'the hash that every report names');
  });
}

test('left alone: nothing is said of them', async () => {
  const { finished } = await batch(() => undefined);
  assert.equal(finished.code, 0);
  assert.doesNotMatch(finished.stderr, /^note:/m);
});
