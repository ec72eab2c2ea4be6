/** The golden reader itself: it must decode what Python packed, and fail where it cannot. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  GoldenArrays,
  goldenPath,
  maxAbsoluteDifference,
  readGolden,
  relativeL2,
} from '../../support/golden';

interface LayerRow {
  readonly name: string;
  readonly shape: readonly number[];
  readonly activation: { readonly mean: number };
}

test('a missing golden, key or file throws and names it', () => {
  assert.throws(() => readGolden('network/no-such'), /network\/no-such\.json is missing/);
  assert.throws(() => new GoldenArrays('network/no-such'), /is missing/);
  assert.throws(() => new GoldenArrays('network/b5').get('nose/mean'), /no array "nose\/mean"/);
  assert.throws(() => goldenPath('pipeline/nothing.png'), /is missing/);
});

test('dequantized maps agree with the statistics Python wrote beside them', () => {
  const golden = readGolden<{ layers: readonly LayerRow[] }>('network/b5');
  const arrays = new GoldenArrays('network/b5');
  assert.equal(golden.layers.length, 46);
  for (const layer of golden.layers.filter(({ shape }) => shape.length === 4)) {
    const map = arrays.get(`${layer.name}/mean`);
    assert.deepEqual(map.shape, layer.shape.slice(2));
    const mean = Array.from(map.data).reduce((sum, v) => sum + v, 0) / map.data.length;
    assert.ok(Math.abs(mean - layer.activation.mean) <= map.maxError + 1e-6, layer.name);
  }
});

test('the distances are what their names say, and NaN is never close', () => {
  assert.equal(relativeL2([3, 5], [3, 4]), 0.2);
  assert.equal(relativeL2([0, 2], [0, 0]), 2);
  assert.ok(Number.isNaN(relativeL2([NaN], [1])));
  assert.equal(maxAbsoluteDifference([1, -2], [0.5, 1]), 3);
  assert.ok(Number.isNaN(maxAbsoluteDifference([NaN, 9], [1, 1])));
  assert.throws(() => relativeL2([1], [1, 2]), /Cannot compare/);
});
