/** An installation whose folders are links, as some package managers make them: what ships is read all the same. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, testCache } from '../support/cli';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('linked-installation');

test('the lens that ships, its labels and its weights lie behind links', () => {
  const [dist, models] = [join(folder, 'dist'), join(folder, 'models')];
  for (const place of [dist, models]) mkdirSync(place);
  // Of the program itself Node takes the real path, where everything would be in its place.
  for (const entry of readdirSync(join(root, 'dist'), { withFileTypes: true }))
    if (entry.isFile() && entry.name.endsWith('.js'))
      copyFileSync(join(root, 'dist', entry.name), join(dist, entry.name));
  for (const name of readdirSync(join(root, 'models')))
    symlinkSync(join(root, 'models', name), join(models, name));
  for (const name of ['package.json', 'node_modules']) symlinkSync(join(root, name), join(folder, name));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...[join(dist, 'cli.js'), 'analyze', join(root, 'samples', 'chelsea.png')],
      ...['--output', join(folder, 'reports'), '--json'],
    ],
    { encoding: 'utf8', env: { ...process.env, INFERENCE_LENS_CACHE: testCache } },
  );
  assert.equal(status, 0, stderr);
  const { report } = JSON.parse(stdout) as { report: { classifier: { predicted: { label: string } } } };
  assert.equal(report.classifier.predicted.label, 'Egyptian cat');
});
