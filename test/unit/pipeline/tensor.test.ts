/** Ranges as NumPy gives them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { momentsOf, rangeOf, real } from '../../../server/src/pipeline/steps/tensor';

test('ranges of any number of values, which are added four at a time', () => {
  for (let length = 1; length <= 9; length++) {
    const values = Float32Array.from({ length }, (_, i) => (i * i) % 7);
    const mean = values.reduce((a, b) => a + b) / length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / length;
    const range = rangeOf(values);
    assert.deepEqual([range.min, range.max], [Math.min(...values), Math.max(...values)]);
    assert.ok(
      Math.abs(Number(range.mean) - mean) < 1e-14 &&
        Math.abs(Number(range.std) - Math.sqrt(variance)) < 1e-14,
    );
    assert.deepEqual(momentsOf(values), { mean: range.mean, std: range.std });
  }
});

test('ranges: population standard deviation; NaN spreads; infinity is spelt out', () => {
  assert.deepEqual(rangeOf(Float32Array.of(1, 2, 3, 4)), { mean: 2.5, std: Math.sqrt(1.25), min: 1, max: 4 });
  assert.deepEqual(rangeOf(Float32Array.of(1, NaN, 3)), { mean: 'NaN', std: 'NaN', min: 'NaN', max: 'NaN' });
  const { mean, min, max } = rangeOf(Float32Array.of(-1, Infinity));
  assert.deepEqual([mean, min, max], ['Infinity', -1, 'Infinity']);
  assert.deepEqual([real(-Infinity), real(NaN), real(-0.5)], ['-Infinity', 'NaN', -0.5]);
});
