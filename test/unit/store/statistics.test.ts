/** Per-tensor statistics of a checkpoint: population moments of the finite values, and how many are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCheckpoint } from '../../../server/src/checkpoints/open';
import { statisticsOf, tensorStatistics } from '../../../server/src/store/statistics';
import { goldenTensor } from '../../golden/architectures/golden';
import { smallCheckpoint } from '../../support/small-checkpoint';
import { temporaryFolder } from '../../support/temp';

test('by hand', () => {
  assert.deepEqual(statisticsOf(Float32Array.of(1, 2, 3, 4)), {
    mean: 2.5,
    std: Math.sqrt(1.25),
    nan: 0,
    inf: 0,
  });
  assert.deepEqual(statisticsOf(Float32Array.of(NaN, 1, Infinity, 3, -Infinity, NaN)), {
    mean: 2,
    std: 1,
    nan: 2,
    inf: 2,
  });
  assert.deepEqual(statisticsOf(new Float32Array()), { mean: NaN, std: NaN, nan: 0, inf: 0 });
});

test('a small spread about a large mean keeps its digits', () => {
  const { std } = statisticsOf(Float32Array.from({ length: 1000 }, (_, i) => 1e6 + (i % 2)));
  assert.equal(std, 0.5);
});

test('every tensor of a checkpoint, in the order of the file', async () => {
  const { path, golden, shapes } = smallCheckpoint(temporaryFolder('statistics'), 'zip.pth');
  const checkpoint = await openCheckpoint(path);
  try {
    const names: string[] = [];
    for await (const { name, shape, mean, nan, inf } of tensorStatistics(checkpoint)) {
      names.push(name);
      assert.equal(nan + inf, 0, name);
      const plain = name.replace(/^net\./, '');
      const known = shapes.get(plain);
      if (known === undefined) continue; // num_batches_tracked
      assert.deepEqual(shape, known, name);
      const values = goldenTensor(golden, plain, known);
      const expected = values.reduce((sum, value) => sum + value, 0) / values.length;
      assert.ok(Math.abs(mean - expected) < 1e-9, `${name}: ${mean}, made as ${expected}`);
    }
    assert.deepEqual(names, [...checkpoint.stateDict.keys()]);
    assert.ok([...shapes.keys()].every((name) => names.includes(`net.${name}`)));
  } finally {
    await checkpoint.close();
  }
});
