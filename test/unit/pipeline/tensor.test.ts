/** Planes, their order and normalisation, and ranges as NumPy gives them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { momentsOf, rangeOf, real, toPlanes, toTensor } from '../../../server/src/pipeline/steps/tensor';

const image = { width: 2, height: 1, data: Uint8Array.of(255, 0, 51, 0, 255, 102) };

test('planes are value / 255', () => {
  const { red, green, blue } = toPlanes(image);
  assert.deepEqual([...red.data], [1, 0]);
  assert.deepEqual([...green.data], [0, 1]);
  assert.deepEqual([...blue.data], [Math.fround(0.2), Math.fround(0.4)]);
});

test('BGR puts blue first', () => {
  const { dims, data } = toTensor(toPlanes(image), { channelOrder: 'BGR', normalisation: null });
  assert.deepEqual(dims, [1, 3, 1, 2]);
  assert.deepEqual([...data], [Math.fround(0.2), Math.fround(0.4), 0, 1, 1, 0]);
});

test('normalisation follows the plane, not its position', () => {
  const normalisation = { mean: [0.5, 0.25, 0], std: [0.5, 0.25, 2] };
  const bgr = toTensor(toPlanes(image), { channelOrder: 'BGR', normalisation }).data;
  const rgb = toTensor(toPlanes(image), { channelOrder: 'RGB', normalisation }).data;
  assert.deepEqual([...rgb], [1, -1, -1, 3, Math.fround(0.1), Math.fround(0.2)]);
  assert.deepEqual([...bgr], [...rgb.subarray(4), ...rgb.subarray(2, 4), ...rgb.subarray(0, 2)]);
});

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
