/** The classes of a report and its verdict in words, also where there are none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClassifierReport, PrecisionReport } from '../../../protocol/report';
import { classRows, offeredClasses } from '../../../webview/src/text/classes';
import { verdictText } from '../../../webview/src/text/verdict';

const base = { labels: ['real', 'fake'], predicted: { index: 1, label: 'fake' } } as const;

test('a logit and a probability a class', () => {
  const classifier: ClassifierReport = {
    ...base,
    ...{ logits: [-1, 2], probabilities: [0.05, 0.95], confidence: 0.95 },
  };
  assert.deepEqual(classRows(classifier), [
    { index: 0, label: 'real', logit: -1, probability: 0.05 },
    { index: 1, label: 'fake', logit: 2, probability: 0.95 },
  ]);
  assert.equal(verdictText(classifier), 'fake, 95.0%');
});

test('of a file that does not compute in float32, the logits of its equivalent', () => {
  const precision: PrecisionReport = {
    ...({ kind: 'quantized', distance: 0.1, sameClass: true, description: '' } as const),
    ...{ fileLogits: [-1, 2], floatLogits: [-1.1, 2.1] },
  };
  const classifier: ClassifierReport = {
    ...base,
    ...{ logits: [-1, 2], probabilities: [0.05, 0.95], confidence: 0.95, precision },
  };
  assert.deepEqual(
    classRows(classifier).map(({ floatLogit }) => floatLogit),
    [-1.1, 2.1],
  );
  const alone = { ...classifier, precision: { ...precision, fileLogits: null } };
  assert.ok(classRows(alone).every((row) => !('floatLogit' in row)));
});

test('one logit is that of the last class', () => {
  const rows = classRows({ ...base, logits: [1.5], probabilities: [0.18, 0.82], confidence: 0.82 });
  assert.deepEqual(
    rows.map(({ logit, probability }) => [logit, probability]),
    [
      [null, 0.18],
      [1.5, 0.82],
    ],
  );
});

test('undecided: no label, no probability', () => {
  const undecided: ClassifierReport = {
    ...{ labels: base.labels, logits: ['NaN', 1], probabilities: null, confidence: null },
    predicted: { index: null, label: 'undecided' },
  };
  assert.deepEqual(
    classRows(undecided).map(({ logit, probability }) => [logit, probability]),
    [
      ['NaN', null],
      [1, null],
    ],
  );
  assert.equal(verdictText(undecided), 'undecided');
});

test('a switch offers each of two classes with one name; of very many classes the most probable and the chosen one', () => {
  assert.deepEqual(offeredClasses(['crane', 'crane', 'cat'], undefined, 1), [0, 1, 2]);
  const labels = Array.from({ length: 3000 }, (_, i) => (i % 2 === 0 ? 'even' : `odd ${i}`));
  const logits = labels.map((_, i) => (i === 2998 ? 9 : -i));
  const classifier: ClassifierReport = {
    ...{ labels, logits, probabilities: null, confidence: null },
    predicted: { index: 2998, label: 'even' },
  };
  const offered = offeredClasses(labels, classifier, 2999);
  assert.equal(offered.length, 1000);
  assert.deepEqual(offered.slice(-2), [2998, 2999]);
});
