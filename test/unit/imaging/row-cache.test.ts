/** Rows that resampling holds: what fits is kept, the rest is made again, so that long thin pictures cost time and not memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RowCache } from '../../../server/src/imaging/resampling/row-cache';

test('a cache keeps what fits, and makes the rest again', () => {
  const made: number[] = [];
  const make = (y: number): number => {
    made.push(y);
    return 10 * y;
  };
  const cache = new RowCache(make, 40 * 2 ** 20);
  assert.deepEqual([cache.at(3), cache.at(3), cache.at(4), cache.at(4)], [30, 30, 40, 40]);
  assert.deepEqual(made, [3, 4, 4]);
  cache.forgetBefore(4);
  assert.deepEqual([cache.at(4), cache.at(4)], [40, 40]);
  assert.deepEqual(made, [3, 4, 4, 4]);
});

test('a row larger than the bound is still one at a time', () => {
  const cache = new RowCache((y) => y, 2 ** 30);
  assert.deepEqual([cache.at(0), cache.at(1), cache.at(0)], [0, 1, 0]);
});
