/** Per-tensor statistics of a checkpoint: population moments of the finite values, and how many are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCheckpoint } from '../../../server/src/checkpoints/open';
import { float32Tensor, GraphBuilder, int64Tensor } from '../../../server/src/onnx/builder';
import { initializerStatistics, statisticsOf, tensorStatistics } from '../../../server/src/store/statistics';
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

test('initializers of an ONNX model, halves and integers too', async () => {
  const graph = new GraphBuilder('constants');
  graph.initializer('floats', float32Tensor([3], [1, 2, NaN]));
  graph.initializer('integers', int64Tensor([2, 4]));
  // 1.0 and -2.0 in IEEE half precision.
  graph.initializer('halves', { type: 'float16', dims: [2], data: Uint8Array.of(0x00, 0x3c, 0x00, 0xc0) });
  const rows = [];
  for await (const row of initializerStatistics(graph.model(), '.')) rows.push(row);
  assert.deepEqual(rows, [
    { name: 'floats', dtype: 'float32', shape: [3], mean: 1.5, std: 0.5, nan: 1, inf: 0 },
    { name: 'integers', dtype: 'int64', shape: [2], mean: 3, std: 1, nan: 0, inf: 0 },
    { name: 'halves', dtype: 'float16', shape: [2], mean: -0.5, std: 1.5, nan: 0, inf: 0 },
  ]);
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
