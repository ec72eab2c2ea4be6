/** Padding rules, against sizes that TensorFlow and the reference report state. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { samePadding, symmetricPadding } from '../../../server/src/architectures/padding';

describe('same padding', () => {
  // [kernel, stride, size, before, after]; before + after is TensorFlow's pad_along_height.
  const rows = [
    [3, 2, 456, 0, 1],
    [3, 2, 228, 0, 1],
    [5, 2, 114, 1, 2],
    [3, 2, 57, 1, 1],
    [5, 2, 29, 2, 2],
    [3, 1, 15, 1, 1],
    [5, 1, 15, 2, 2],
    [1, 1, 15, 0, 0],
    [1, 2, 15, 0, 0],
    [2, 2, 1, 0, 1],
  ] as const;
  for (const [kernel, stride, size, before, after] of rows)
    test(`kernel ${kernel}, stride ${stride}, ${size} pixels: ${before} and ${after}`, () => {
      assert.deepEqual(samePadding(kernel, stride, size, size), {
        top: before,
        left: before,
        bottom: after,
        right: after,
      });
      assert.equal(Math.floor((size + before + after - kernel) / stride) + 1, Math.ceil(size / stride));
    });

  test('rows and columns are padded for their own length', () => {
    assert.deepEqual(samePadding(3, 2, 4, 5), { top: 0, left: 1, bottom: 1, right: 1 });
  });
});

test('symmetric padding keeps the size at stride 1', () => {
  for (const kernel of [1, 3, 5, 7]) {
    const { top, left, bottom, right } = symmetricPadding(kernel);
    assert.deepEqual([top, left, bottom, right], Array(4).fill((kernel - 1) / 2));
  }
});
