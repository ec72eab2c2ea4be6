/** Resizing and cropping: values worked out by hand from OpenCV's formula, identities, borders, refusals. */

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { resizeMap } from '../../../painting/resize-map';
import { clampBox, cropRgb, resizeRgb } from '../../../server/src/imaging/resize';
import type { FloatMap, RgbImage } from '../../../server/src/imaging/image';

/** A gray picture: each value in all three channels. */
function rgb(width: number, height: number, values: readonly number[]): RgbImage {
  return { width, height, data: Uint8Array.from(values.flatMap((v) => [v, v, v])) };
}

function floatMap(width: number, height: number, values: readonly number[]): FloatMap {
  return { width, height, data: Float32Array.from(values) };
}

/** One channel of the picture. */
function channel(image: RgbImage, c: number): number[] {
  return Array.from({ length: image.width * image.height }, (_, i) => image.data[i * 3 + c]!);
}

test('2x upscaling weighs neighbors 1:3 and repeats the border', () => {
  const out = resizeRgb(rgb(2, 1, [0, 200]), 4, 1);
  assert.deepEqual(channel(out, 0), [0, 50, 150, 200]);
  assert.deepEqual(channel(out, 2), [0, 50, 150, 200]);
});

test('2x downscaling is the rounded mean of four pixels', () => {
  const out = resizeRgb(rgb(4, 2, [1, 2, 10, 20, 3, 5, 30, 40]), 2, 1);
  assert.deepEqual(channel(out, 1), [3, 25]);
});

test('channels stay apart', () => {
  const image: RgbImage = { width: 2, height: 1, data: Uint8Array.of(0, 100, 255, 200, 100, 0) };
  const out = resizeRgb(image, 4, 2);
  assert.deepEqual([...out.data.subarray(0, 12)], [0, 100, 255, 50, 100, 191, 150, 100, 64, 200, 100, 0]);
  assert.deepEqual([...out.data.subarray(12)], [...out.data.subarray(0, 12)]);
});

test('a constant picture stays constant at every ratio', () => {
  for (const [w, h] of [
    [1, 1],
    [3, 7],
    [380, 380],
    [17, 901],
  ] as const) {
    const out = resizeRgb(rgb(5, 6, new Array<number>(30).fill(255)), w, h);
    assert.ok(
      out.data.every((v) => v >= 254),
      `${w}x${h}`,
    );
    assert.equal(out.data.length, w * h * 3);
  }
});

test('the same size is a copy, not an alias', () => {
  const image = rgb(2, 2, [1, 2, 3, 4]);
  const out = resizeRgb(image, 2, 2);
  out.data[0] = 99;
  assert.equal(image.data[0], 1);
});

test('maps: half-pixel centers, no antialiasing', () => {
  const out = resizeMap(floatMap(2, 2, [0, 1, 2, 3]), 4, 4);
  const row = [0, 0.25, 0.75, 1];
  const expected = [0, 0.5, 1.5, 2].flatMap((base) => row.map((v) => base + v));
  assert.deepEqual([...out.data], expected);
  // 4 -> 1 samples the middle only; an antialiased resize would return 2.5.
  assert.deepEqual([...resizeMap(floatMap(4, 1, [0, 0, 4, 6]), 1, 1).data], [2]);
});

test('maps: an infinite value reaches only the pixels it has weight in', () => {
  const out = resizeMap(floatMap(2, 1, [1, Infinity]), 4, 1);
  assert.deepEqual([...out.data], [1, Infinity, Infinity, Infinity]);
});

test('crop clamps, truncates and refuses an empty box', () => {
  const image = rgb(4, 3, [...Array(12).keys()]);
  assert.deepEqual(channel(cropRgb(image, [1.9, -5, 3.2, 2]), 0), [1, 2, 5, 6]);
  assert.deepEqual(clampBox([-1, 1.5, 9, 2.9], 4, 3), [0, 1, 4, 2]);
  assert.throws(() => cropRgb(image, [4, 0, 9, 3]), { name: 'LensError', kind: 'image' });
  assert.throws(() => cropRgb(image, [Number.NaN, 0, 2, 2]), { name: 'LensError', kind: 'image' });
});

test('sizes that are not positive integers are refused', () => {
  assert.throws(() => resizeRgb(rgb(1, 1, [0]), 0, 1), RangeError);
  assert.throws(() => resizeMap(floatMap(1, 1, [0]), 1.5, 1), RangeError);
});
