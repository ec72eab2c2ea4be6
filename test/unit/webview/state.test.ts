/** What the panel knows after each message, how rows are ordered, and what survives a reload. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Failure } from '../../../protocol/failure';
import type { LayerReport, Report } from '../../../protocol/report';
import { firstState, receive, shownReport } from '../../../webview/src/state/panel';
import { filtered, neighbour, rows, sorted } from '../../../webview/src/state/rows';
import { firstView, reviveView } from '../../../webview/src/state/view';
import { bytes, decimals, percent, shape } from '../../../webview/src/text/numbers';

const image = '/images/a.png';
const report = { input: { path: image }, methods: ['gradcam'] } as unknown as Report;
const failure: Failure = { kind: 'image', message: 'no face', fix: null };
const shown = receive(firstState, { type: 'report', folder: '/r', base: 'base', report, stale: [] });

test('a report stays in view while the same image is analysed again, also if that fails', () => {
  const running = receive(shown, { type: 'loading', image, progress: null });
  assert.equal(shownReport(running), report);
  assert.ok(running.running);
  const failed = receive(running, { type: 'failed', failure });
  assert.equal(shownReport(failed), report);
  assert.deepEqual([failed.running, failed.failure], [false, failure]);
});

test('another image takes the panel from nothing', () => {
  const running = receive(shown, { type: 'loading', image: '/images/b.png', progress: null });
  assert.equal(shownReport(running), null);
});

test('first results come piece by piece and go when the run fails', () => {
  const begun = receive(firstState, { type: 'loading', image, progress: null });
  const one = receive(begun, { type: 'partial', base: 'x', report: { input: report.input } });
  const two = receive(one, { type: 'partial', base: 'x', report: { methods: ['gradcam'] } });
  assert.deepEqual(shownReport(two), { input: report.input, methods: ['gradcam'] });
  assert.equal(shownReport(receive(two, { type: 'failed', failure })), null);
});

test('a new report forgets maps and details of the old one', () => {
  const full = receive(shown, { type: 'maps', base64: Buffer.from([1, 2, 3, 4]).toString('base64') });
  assert.equal(full.maps?.byteLength, 4);
  const detailed = receive(full, { type: 'layerDetailsFailed', layer: 'fc', failure });
  const next = receive(detailed, { type: 'report', folder: '/s', base: 'b', report, stale: ['old'] });
  assert.deepEqual([next.maps, next.details.size, next.stale, next.folder], [null, 0, ['old'], '/s']);
});

const layer = (name: string, mean: LayerReport['activation']['mean'], health: LayerReport['health'] = []) =>
  ({
    name,
    operator: 'Conv',
    shape: [1, 8, 4, 4],
    activation: { mean, std: 1 },
    heatmaps: [],
    health,
  }) as unknown as LayerReport;
const table = rows([layer('block_2', 3), layer('block_10', 'NaN', ['nan']), layer('stem', -1)], null);
const names = (list: typeof table) => list.map((row) => row.layer.name);

test('names sort by their numbers, and what is not a number comes last either way', () => {
  assert.deepEqual(names(sorted(table, { key: 'name', falling: false })), ['block_2', 'block_10', 'stem']);
  assert.deepEqual(names(sorted(table, { key: 'mean', falling: false })), ['stem', 'block_2', 'block_10']);
  assert.deepEqual(names(sorted(table, { key: 'mean', falling: true })), ['block_2', 'stem', 'block_10']);
});

test('the filter wants every word, in name, operator or shape', () => {
  assert.deepEqual(names(filtered(table, 'CONV block', false)), ['block_2', 'block_10']);
  assert.deepEqual(names(filtered(table, '8×4', false)).length, 3);
  assert.deepEqual(names(filtered(table, '', true)), ['block_10']);
});

test('stepping stops at the ends', () => {
  assert.equal(neighbour(table, 'stem', 1), 'stem');
  assert.equal(neighbour(table, 'block_10', -1), 'block_2');
  assert.equal(neighbour(table, null, 1), 'block_2');
  assert.equal(neighbour(table, 'stem', -Infinity), 'block_2');
  assert.equal(neighbour([], 'stem', 1), null);
});

test('what was kept over a reload comes back where it makes sense', () => {
  const view = {
    ...firstView,
    layer: 'fc',
    mode: 'both' as const,
    wipe: 0.2,
    sort: { key: 'mean' as const, falling: true },
  };
  assert.deepEqual(reviveView(JSON.parse(JSON.stringify(view))), view);
  for (const junk of [null, 7, 'x', [], { mode: 'x', wipe: 9, sort: 3, layer: {}, method: 'y', filter: 1 }]) {
    assert.deepEqual(reviveView(junk), firstView, JSON.stringify(junk));
  }
});

test('numbers are written so that 0 means zero', () => {
  assert.deepEqual([0, 0.12345, -1, 3e-6, 1e7].map(decimals), [
    '0',
    '0.1235',
    '−1.0000',
    '3.00e−6',
    '1.00e+7',
  ]);
  assert.deepEqual((['NaN', 'Infinity', '-Infinity'] as const).map(decimals), ['NaN', '∞', '−∞']);
  assert.deepEqual(
    [percent(0.9278), percent('NaN'), shape([1, 48, 190, 190]), bytes(251_300)],
    ['92.8%', 'NaN', '48×190×190', '251.3 kB'],
  );
});
