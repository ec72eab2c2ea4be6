/** Overlap, suppression and the choice of the largest face, on boxes whose answers are plain arithmetic. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byArea } from '../../../server/src/detection/face';
import type { Face } from '../../../server/src/detection/face';
import { blendedNms, hardNms, intersectionOverUnion } from '../../../server/src/detection/nms';
import type { Box } from '../../../server/src/imaging/image';

const overlaps: [string, Box, Box, number][] = [
  ['the same box', [0, 0, 4, 2], [0, 0, 4, 2], 1],
  ['half of each', [0, 0, 4, 2], [2, 0, 6, 2], 4 / 12],
  ['one inside the other', [0, 0, 10, 10], [2, 2, 7, 6], 0.2],
  ['a shared edge', [0, 0, 4, 2], [4, 0, 8, 2], 0],
  ['apart', [0, 0, 1, 1], [5, 5, 6, 6], 0],
  ['two empty boxes', [1, 1, 1, 1], [1, 1, 1, 1], 0],
  ['a box turned inside out', [4, 4, 0, 0], [0, 0, 4, 4], 0],
];
for (const [name, a, b, expected] of overlaps) {
  test(`IoU: ${name}`, () => {
    assert.equal(intersectionOverUnion(a, b), expected);
    assert.equal(intersectionOverUnion(b, a), expected);
  });
}

const candidate = (score: number, ...box: [number, number, number, number]) => ({ score, box });

test('hard suppression keeps the best of each cluster, best first', () => {
  const [low, best, other] = [
    candidate(0.8, 0, 0, 10, 10),
    candidate(0.9, 1, 0, 11, 10),
    candidate(0.7, 50, 0, 60, 10),
  ];
  assert.deepEqual(hardNms([low, other, best], 0.4), [best, other]);
});

test('an overlap of exactly the limit survives, as in torchvision.ops.nms', () => {
  const boxes = [candidate(0.9, 0, 0, 4, 2), candidate(0.8, 2, 0, 6, 2)];
  assert.equal(hardNms(boxes, 4 / 12).length, 2);
  assert.equal(hardNms(boxes, 0.33).length, 1);
});

test('a suppressed box suppresses nothing itself', () => {
  const chain = [candidate(0.9, 0, 0, 10, 10), candidate(0.8, 4, 0, 14, 10), candidate(0.7, 8, 0, 18, 10)];
  assert.deepEqual(
    hardNms(chain, 0.4).map(({ score }) => score),
    [0.9, 0.7],
  );
});

test('blended suppression hands over whole clusters in descending order', () => {
  const seen: number[][] = [];
  const boxes = [candidate(0.6, 0, 0, 10, 10), candidate(0.9, 0, 0, 10, 9), candidate(0.8, 50, 0, 60, 10)];
  blendedNms(boxes, 0.3, (cluster) => {
    seen.push(cluster.map(({ score }) => score));
    return cluster[0];
  });
  assert.deepEqual(seen, [[0.9, 0.6], [0.8]]);
});

test('the largest face comes first, then the better score', () => {
  const face = (score: number, ...box: [number, number, number, number]): Face => ({
    box,
    score,
    landmarks: null,
    landmarksEstimated: false,
  });
  const [small, large, twin] = [face(0.99, 0, 0, 5, 5), face(0.7, 0, 0, 9, 9), face(0.8, 20, 20, 29, 29)];
  assert.deepEqual(byArea([small, large, twin]), [twin, large, small]);
});
