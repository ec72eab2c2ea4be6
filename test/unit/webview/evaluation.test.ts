/** The evaluation view's own decisions: which rows it shows in which order, what another threshold gives, and how messages change it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OpenedEvaluation } from '../../../protocol/evaluation';
import { atThreshold } from '../../../webview/src/evaluation/atThreshold';
import { EVERYTHING, lookupOf, rowsFor, WORST, type Query } from '../../../webview/src/evaluation/rows';
import { nothing, reduce, type PageState } from '../../../webview/src/evaluation/state';

/** Six rows: right, wrong, wrong with an infinite loss, failed, without a label, right. */
const evaluation = {
  classes: ['cat', 'dog'],
  summary: {
    suspects: { count: 1, first: [{ path: 'cat/2.png', label: 'cat', guess: 'dog', selfConfidence: 0.1 }] },
  },
  columns: {
    path: ['cat/1.png', 'cat/2.png', 'dog/3.png', 'dog/4.png', '5.png', 'dog/6.png'],
    labels: ['cat', 'dog'],
    label: [0, 0, 1, 1, -1, 1],
    labelClass: [0, 0, 1, 1, -1, 1],
    predicted: [0, 1, 0, -1, 1, 1],
    correct: [1, 0, 0, -1, -1, 1],
    confidence: [0.9, 0.8, 1, null, 0.6, 0.7],
    loss: [0.1, 1.6, 'Infinity', null, null, 0.35],
    warnings: [[1, ['upscaled']]],
    errors: [[3, 'no image']],
    attention: [
      { layer: 'conv', border: [0.5, 0.2, null, null, 0.4, 0.3], box: null, face: null, mask: null },
    ],
  },
} as unknown as OpenedEvaluation;

const rows = (query: Partial<Query>, layer: number | null = 0): readonly number[] =>
  rowsFor(evaluation, lookupOf(evaluation), { ...EVERYTHING, ...query }, layer);

describe('rows of the gallery', () => {
  test('are filtered by what came of them, label, verdict, warning and path', () => {
    assert.deepEqual(rows({}), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(rows({ outcome: 'right' }), [0, 5]);
    assert.deepEqual(rows({ outcome: 'wrong' }), [1, 2]);
    assert.deepEqual(rows({ outcome: 'failed' }), [3]);
    assert.deepEqual(rows({ outcome: 'unlabeled' }), [4]);
    assert.deepEqual(rows({ outcome: 'suspect' }), [1]);
    assert.deepEqual(rows({ label: 1, predicted: 0 }), [2]);
    assert.deepEqual(rows({ warning: 'upscaled' }), [1]);
    assert.deepEqual(rows({ text: ' DOG/ ' }), [2, 3, 5]);
  });

  test('are sorted by a value, and what has none comes last in either direction', () => {
    assert.deepEqual(rows({ sort: 'loss' }), [0, 5, 1, 2, 3, 4]);
    assert.deepEqual(rows({ sort: 'loss', descending: true }), [2, 1, 5, 0, 3, 4]);
    assert.deepEqual(rows({ sort: 'border', descending: true }), [0, 4, 5, 1, 2, 3]);
    assert.deepEqual(rows({ sort: 'confidence' }), [4, 5, 1, 0, 2, 3]);
    assert.deepEqual(rows({ sort: 'place', descending: true }), [5, 4, 3, 2, 1, 0]);
    assert.deepEqual(
      rows({ sort: 'mask' }),
      [0, 1, 2, 3, 4, 5],
      'where nothing was measured the order stays',
    );
    assert.deepEqual(rows(WORST), [2, 1], 'the infinite loss is the worst');
  });
});

test('a threshold counts what is at least as likely, and leaves out what has no label or no probability', () => {
  const scores = [0.9, 0.5, 0.4, null, 0.7, 0.1];
  const truth = [true, false, true, true, null, false];
  const isClass = (row: number): boolean | null => truth[row] ?? null;
  const at = atThreshold(scores, isClass, 0.5);
  assert.deepEqual(
    [at.truePositives, at.falsePositives, at.falseNegatives, at.trueNegatives, at.left],
    [1, 1, 1, 1, 2],
  );
  assert.deepEqual([at.precision, at.recall, at.f1, at.accuracy], [0.5, 0.5, 0.5, 0.5]);
  const above = atThreshold(scores, isClass, 1);
  assert.deepEqual([above.precision, above.recall, above.f1], [null, 0, 0], 'nothing is above');
  const none = atThreshold([null], () => null, 0.5);
  assert.deepEqual([none.precision, none.recall, none.f1, none.accuracy], [null, null, null, null]);
});

test('a picture of another layer than the one in view is dropped, and of a thousand the oldest go', () => {
  const picture = { width: 1, height: 1, pixels: '', grid: null };
  const read = (row: number, layer: number | null) =>
    ({ type: 'picture', row, layer, picture, failure: null }) as const;
  const shown = { ...nothing, layer: 0 };
  assert.equal(reduce(shown, read(1, 1)).read.size, 0);
  let state: PageState = shown;
  for (let row = 0; row < 1010; row++) state = reduce(state, read(row, 0));
  assert.equal(state.read.size, 1000);
  assert.ok(!state.read.has(0) && state.read.has(1009));
  assert.equal(reduce(state, { type: 'layer', layer: null }).read.size, 0);
});
