/** What the command line prints of a report: every number under the name that it belongs to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClassifierReport } from '../../../protocol/report';
import { summary } from '../../../server/src/cli/summary';
import { referenceRun } from '../report/reference-run';

const lineOf = (name: string, classifier: Partial<ClassifierReport>): string | undefined => {
  const report = { ...referenceRun, classifier: { ...referenceRun.classifier, ...classifier } };
  return summary({ folder: '/r', report })
    .split('\n')
    .find((line) => line.startsWith(name));
};

test('one logit for two classes is that of the last', () => {
  const labels = ['sound', 'faulty'];
  assert.equal(lineOf('logits', { labels, logits: [0.546] }), 'logits    faulty 0.5460');
  assert.equal(lineOf('logits', { labels, logits: [0.546, -1] }), 'logits    sound 0.5460, faulty -1.0000');
});

test('of many classes the four largest logits keep their names', () => {
  const labels = ['a', 'b', 'c', 'd', 'e', 'f'];
  assert.equal(
    lineOf('logits', { labels, logits: [1, 6, 2, 5, 3, 4] }),
    'logits    b 6.0000, d 5.0000, f 4.0000, e 3.0000, 2 more',
  );
});
