/** A percentage says "none" and "all" only where it is so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { percentage } from '../../../protocol/percentage';

test('what is neither none nor all is not rounded to it', () => {
  const written = [0, 1e-9, 0.000499, 0.0005, 0.001, 0.7174, 0.9994, 0.9995, 1 - 1e-9, 1].map(percentage);
  assert.deepEqual(written, [
    ...['0.0%', '<0.1%', '<0.1%', '0.1%', '0.1%', '71.7%'],
    ...['99.9%', '>99.9%', '>99.9%', '100.0%'],
  ]);
});
