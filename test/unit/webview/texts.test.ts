/** How the panel writes numbers, and what it announces to screen readers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToPanel } from '../../../protocol/panel';
import { receive } from '../../../webview/src/state/panel';
import { announcement } from '../../../webview/src/text/announcement';
import { bytes, compact, decimals, percent, shape } from '../../../webview/src/text/numbers';
import { begun, failure, image, report } from '../../support/panel-states';

test('numbers are written so that 0 means zero', () => {
  assert.deepEqual([0, 0.12345, -1, 3e-6, 1e7].map(decimals), ['0', '0.1235', '−1', '3.00e−6', '1.00e+7']);
  assert.deepEqual((['NaN', 'Infinity', '-Infinity'] as const).map(decimals), ['NaN', '∞', '−∞']);
  assert.deepEqual([213, -0, 1.5].map(decimals), ['213', '0', '1.5000']);
  // As many digits in every cell, so that a shorter one does not look rounder.
  assert.deepEqual([0.22, 0.325, 1, 12.34, 100, -999.7, 1234.5].map(compact), [
    ...['0.220', '0.325', '1.00', '12.3', '100', '−1000', '1235'],
  ]);
  assert.deepEqual(
    [percent(0.9278), percent('NaN'), shape([1, 48, 190, 190]), bytes(251_300)],
    ['92.8%', 'NaN', '48×190×190', '251.3 kB'],
  );
});

test('a screen reader hears one sentence a stage', () => {
  const classifier = { predicted: { index: 0, label: 'real' }, confidence: 0.928 };
  const progress = { step: 'pictures', done: [], fraction: 0.8, message: 'drawing block_3' } as const;
  let state = begun;
  const announced = [announcement(state)];
  for (const message of [
    { type: 'partial', folder: '/run', base: 'x', report: { input: report.input } },
    { type: 'partial', folder: '/run', base: 'x', report: { detection: {}, preprocess: {} } },
    {
      type: 'partial',
      folder: '/run',
      base: 'x',
      report: { classifier, layers: [{ name: 'a', heatmaps: [] }] },
    },
    { type: 'loading', image, progress },
    {
      type: 'partial',
      folder: '/run',
      base: 'x',
      report: { layers: [{ name: 'a', heatmaps: [{ blank: false }] }] },
    },
    { type: 'report', folder: '/r', base: 'b', report: { ...report, classifier }, stale: [] },
  ] as unknown as readonly ToPanel[]) {
    state = receive(state, message);
    announced.push(announcement(state));
  }
  assert.deepEqual(
    [...new Set(announced)],
    [
      'Analyzing a.png.',
      'Input and preprocessing are shown. Heatmaps are being computed.',
      'Predicted real, 92.8%. The pictures of the layers are being drawn.',
      'The report of a.png is complete: predicted real, 92.8%.',
    ],
  );
  assert.equal(announced.length, 7);
  assert.equal(announcement(receive(begun, { type: 'failed', failure })), '');
});
