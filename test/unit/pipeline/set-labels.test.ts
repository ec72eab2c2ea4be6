/** Class names that a reader gives to a lens: by a file below its folder, or written out where the lens may not name the file. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { labelsOfLens } from '../../../server/src/lens/lens-labels';
import { readLens } from '../../../server/src/lens/lens-file';
import { setLabels } from '../../../server/src/pipeline/lens-check/set-labels';
import { temporaryFolder } from '../../support/temp';

test('what Select Labels writes holds beside the model, wherever the file of names lies', async () => {
  const folder = temporaryFolder('set-labels');
  const nets = join(folder, 'nets');
  mkdirSync(nets);
  for (const [file, written] of [
    [join(nets, 'labels.txt'), 'labels.txt'],
    [join(folder, 'labels.txt'), ['owl', 'fox', 'elk']],
  ] as const) {
    writeFileSync(file, 'owl\nfox\nelk\n');
    const lens = join(nets, 'net.lens.json');
    assert.equal((await setLabels(lens, file)).labels, 3);
    assert.deepEqual((JSON.parse(readFileSync(lens, 'utf8')) as { labels: unknown }).labels, written);
    // As the lens beside a model is read, which names nothing outside of its folder.
    const found = await labelsOfLens(await readLens(lens), { trusted: false, never: true });
    assert.deepEqual(found?.labels, ['owl', 'fox', 'elk']);
  }
});

test('a lens beside its model that names a file elsewhere says what to do, which is not to trust the workspace', async () => {
  const folder = temporaryFolder('set-labels');
  const lens = join(folder, 'net.lens.json');
  writeFileSync(lens, '{ "labels": "../labels.txt" }');
  await assert.rejects(labelsOfLens(await readLens(lens), { trusted: false, never: true }), {
    fix: 'Move the file below the folder of the lens, or list the names in it.',
    remedies: [],
  });
});
