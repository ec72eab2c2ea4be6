/** Rows of the layer table: which layer is shown first, and sorting, filtering and stepping. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LayerReport } from '../../../protocol/report';
import { filtered, firstLayer, isDrawn, neighbor, rows, sorted } from '../../../webview/src/state/rows';

const layer = (name: string, mean: LayerReport['activation']['mean'], health: LayerReport['health'] = []) =>
  ({
    name,
    operator: 'Conv',
    shape: [1, 8, 4, 4],
    activation: { mean, std: 1 },
    heatmaps: [],
    health,
  }) as unknown as LayerReport;

test('the layer that says most is the last whose map is not blank, as far as is known', () => {
  const drawn = (name: string, blank: boolean | null, max: number, side = 4) => ({
    ...layer(name, 0, side === 1 ? ['single-pixel'] : []),
    shape: [1, 2, side, side],
    activation: { map: { offset: 0, width: side, height: side } },
    heatmaps: [{ method: 'gradcam', blank, cam: { max } }],
  });
  const firstOf = (...layers: readonly ReturnType<typeof drawn>[]) =>
    firstLayer(layers as unknown as Parameters<typeof firstLayer>[0]);
  const pooled = drawn('pool', false, 1, 1);
  assert.equal(firstOf(drawn('a', null, 1), drawn('b', null, 1), pooled), 'b');
  assert.equal(firstOf(drawn('a', null, 1), drawn('b', true, 1), pooled), 'a');
  assert.equal(firstOf(drawn('a', false, 1), drawn('b', false, 0), pooled), 'a');
  assert.equal(firstOf(drawn('a', true, 1), pooled), 'pool', 'something is always shown');
  const tokens = {
    ...drawn('tokens', false, 1),
    shape: [1, 17, 8],
    grid: { height: 4, width: 4, skipped: 1 },
  };
  const vector = { ...drawn('fc', false, 1), shape: [1, 2] };
  assert.equal(
    firstOf(drawn('a', false, 1), tokens, vector),
    'tokens',
    'tokens have a grid, vectors no places',
  );
  assert.equal(firstOf(), null);
});

test('a layer without heatmaps is drawn once its activation is', () => {
  const waiting = { heatmaps: [], drawn: false } as unknown as Parameters<typeof isDrawn>[0];
  const drawn = { heatmaps: [] } as unknown as Parameters<typeof isDrawn>[0];
  assert.deepEqual([isDrawn(waiting), isDrawn(drawn)], [false, true]);
});

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
  assert.equal(neighbor(table, 'stem', 1), 'stem');
  assert.equal(neighbor(table, 'block_10', -1), 'block_2');
  assert.equal(neighbor(table, null, 1), 'block_2');
  assert.equal(neighbor(table, 'stem', -Infinity), 'block_2');
  assert.equal(neighbor([], 'stem', 1), null);
});
