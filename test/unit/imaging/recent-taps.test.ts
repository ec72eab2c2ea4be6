/** Taps are computed once for each axis in use, and never handed to another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CUBIC, LANCZOS } from '../../../server/src/imaging/resampling/filters';
import { antialiasedTaps, pillowTaps } from '../../../server/src/imaging/resampling/pillow';
import { RecentTaps } from '../../../server/src/imaging/resampling/recent-taps';
import { fixed } from '../../../server/src/imaging/resampling/taps';

test('the latest few are held', () => {
  const asked: number[] = [];
  const recent = new RecentTaps<number>(2);
  const get = (key: number): number => recent.get([key, 'x'], () => (asked.push(key), key));
  assert.deepEqual([1, 2, 1, 3, 1, 2].map(get), [1, 2, 1, 3, 1, 2]);
  assert.deepEqual(asked, [1, 2, 3, 2]); // 3 pushed 2 out, which 1 had overtaken
});

test('each length, filter and part has its own', () => {
  const keys = [
    [40, 9, LANCZOS, 0, 40],
    [41, 9, LANCZOS, 0, 41],
    [40, 9, CUBIC, 0, 40],
    [40, 9, LANCZOS, 1, 38],
  ] as const;
  for (const [from, to, filter, start, part] of [...keys, ...keys])
    assert.deepEqual(
      pillowTaps(from, to, filter, start, part),
      fixed(antialiasedTaps(from, to, filter, start, part), 22),
    );
});
