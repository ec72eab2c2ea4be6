/** Resampling in lanes gives the levels that resampling one by one gives, which goldens of Pillow and torch hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kernels } from '../../../server/src/imaging/kernels';
import { BOX, CUBIC, LANCZOS, TRIANGLE } from '../../../server/src/imaging/resampling/filters';
import { resampleFixed } from '../../../server/src/imaging/resampling/fixed-point';
import { resampleInLanes } from '../../../server/src/imaging/resampling/fixed-lanes';
import { pillowTaps } from '../../../server/src/imaging/resampling/pillow';
import type { PixelGrid } from '../../../server/src/imaging/resampling/pixels';
import { resizeTorchUint8 } from '../../../server/src/imaging/resampling/torch';

const kernels = new Kernels();

/** Extreme levels, so that filters with negative weights leave 0 to 255 on both sides. */
function picture(width: number, height: number, channels = 3): PixelGrid {
  let state = width * 7919 + height;
  const data = Uint8Array.from({ length: width * height * channels }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 30 === 0 ? state >>> 8 : state >>> 31 === 0 ? 0 : 255;
  });
  return { width, height, channels, data };
}

const SIZES = [
  [1, 1],
  [5, 3],
  [33, 17],
  [64, 48],
  [131, 7],
] as const;

test('of all sizes, filters and directions', () => {
  for (const [width, height] of SIZES)
    for (const [to, tall] of [...SIZES, [width, 20], [20, height]] as const)
      for (const filter of [TRIANGLE, CUBIC, LANCZOS, BOX]) {
        const source = picture(width, height);
        const [columns, rows] = [pillowTaps(width, to, filter), pillowTaps(height, tall, filter)];
        const found = resampleInLanes(source, columns, rows, kernels);
        assert.deepEqual(
          found,
          resampleFixed(source, columns, rows),
          `${width} x ${height} to ${to} x ${tall}`,
        );
      }
});

test('of torch’s weights of sixteen bits, and of other numbers of channels down the columns', () => {
  const source = picture(50, 40);
  for (const filter of ['bilinear', 'bicubic'] as const)
    for (const antialias of [false, true])
      assert.deepEqual(
        resizeTorchUint8(source, 23, 71, filter, antialias, kernels),
        resizeTorchUint8(source, 23, 71, filter, antialias),
      );
  for (const channels of [1, 4]) {
    const one = picture(9, 300, channels);
    const rows = pillowTaps(300, 8, LANCZOS);
    assert.deepEqual(resampleInLanes(one, null, rows, kernels), resampleFixed(one, null, rows));
  }
});

test('of a picture that is made block by block, in memory that does not grow with it', () => {
  const source = picture(3000, 2500); // 22 MB
  const [columns, rows] = [pillowTaps(3000, 224, TRIANGLE), pillowTaps(2500, 224, TRIANGLE)];
  const found = resampleInLanes(source, columns, rows, kernels);
  assert.ok(kernels.buffer.byteLength < 40e6, String(kernels.buffer.byteLength));
  assert.deepEqual(found?.data, resampleFixed(source, columns, rows).data);
});

test('a row that is made of too much is left to the other way', () => {
  const source = picture(6000, 1000);
  assert.equal(resampleInLanes(source, null, pillowTaps(1000, 1, BOX), kernels), null);
});
