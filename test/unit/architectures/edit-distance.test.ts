/** Edit distance and the nearest name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editDistance, nearestName } from '../../../server/src/architectures/edit-distance';

test('edit distances', () => {
  const rows = [
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['flaw', 'lawn', 2],
    ['fc.weight', 'fc.weight', 0],
  ] as const;
  for (const [a, b, distance] of rows) {
    assert.equal(editDistance(a, b), distance);
    assert.equal(editDistance(b, a), distance);
  }
});

test('the nearest name wins, the first of equals', () => {
  assert.equal(
    nearestName('layer1.0.conv1.weigth', ['layer1.0.conv2.weight', 'layer1.0.conv1.weight']),
    'layer1.0.conv1.weight',
  );
  assert.equal(nearestName('bn3', ['bn1', 'bn2']), 'bn1');
});

test('nothing is near when more than a third differs, or there is nothing', () => {
  assert.equal(nearestName('abc', ['xyz']), null);
  assert.equal(nearestName('abc', []), null);
});
