/** Where nobody names a network, photographs get a true answer: torchvision's own, from the weights that ship. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Report } from '../../protocol/report';
import { root, runCli } from '../support/cli';
import { temporaryFolder } from '../support/temp';

type Row = readonly [label: string, probability: number];

const golden = JSON.parse(readFileSync(join(root, 'test', 'golden', 'trained.json'), 'utf8')) as {
  readonly probabilities: Readonly<Record<string, readonly Row[]>>;
};

test('both photographs, with torchvision’s probabilities', async () => {
  const samples = Object.keys(golden.probabilities);
  const { code, stdout, stderr } = await runCli(
    [
      ...['analyze', ...samples.map((name) => join(root, 'samples', `${name}.png`))],
      ...['--json', '--device', 'cpu', '--output', temporaryFolder('trained')],
    ],
    { weights: 'unsaid' },
  );
  assert.equal(code, 0, stderr);
  const reports = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { report?: Report }).report)
    .filter((report) => report !== undefined);
  assert.equal(reports.length, samples.length);
  for (const [index, name] of samples.entries()) {
    const { classifier, model, lens } = reports[index]!;
    assert.deepEqual([model.name, model.untrained, lens?.name], ['mobilenet_v2', false, 'mobilenet_v2']);
    assert.equal(classifier.predicted.label, golden.probabilities[name]![0]![0]);
    for (const [label, expected] of golden.probabilities[name]!) {
      const found = Number(classifier.probabilities![classifier.labels.indexOf(label)]);
      assert.ok(Math.abs(found - expected) < 1e-4, `${name}: ${label} ${found}, not ${expected}`);
    }
  }
});

test('a network that is named gets no untrained weights unless they are named too', async () => {
  const args = ['analyze', join(root, 'samples', 'portrait.png'), '--output', temporaryFolder('untrained')];
  const { code, stdout, stderr } = await runCli([...args, '--lens', 'fsbi'], { weights: 'unsaid' });
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /: The lens fsbi has no weights of its own, and no model "fsbi" is in the store/);
  assert.match(stderr, /models import <file>.*with --weights demo\.$/m);
});
