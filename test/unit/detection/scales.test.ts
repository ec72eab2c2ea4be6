/** Which scales a RetinaFace looks at, and which of two looks' boxes count. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retinaFaceVariants } from '../../../server/src/architectures/retinaface-variants';
import type { Face } from '../../../server/src/detection/face';
import { beyondAnchors, looksAt, mergeLooks } from '../../../server/src/detection/scales';
import type { Box } from '../../../server/src/imaging/image';

const { ternaus, mobilenet, 'mobilenet-1mb': small } = retinaFaceVariants;

test('ResNet-50 looks once, at the size of the picture; MobileNet a second time at 640; nothing is enlarged', () => {
  const rows = [
    [ternaus, 640, 480, null, [[640, Infinity]]],
    [ternaus, 3000, 2000, null, [[3000, Infinity]]],
    [ternaus, 5000, 6000, null, [[4096, Infinity]]],
    [ternaus, 3000, 2000, 800, [[800, Infinity]]],
    [small, 300, 200, null, [[300, Infinity]]],
    [small, 640, 640, null, [[640, Infinity]]],
    [
      small,
      480,
      641,
      null,
      [
        [641, 256],
        [640, Infinity],
      ],
    ],
    [
      mobilenet,
      9000,
      10,
      null,
      [
        [4096, 512],
        [640, Infinity],
      ],
    ],
    [small, 3000, 2000, 1200, [[1200, Infinity]]],
  ] as const;
  for (const [variant, width, height, maxSize, expected] of rows) {
    const looks = looksAt({ width, height }, variant, maxSize);
    assert.deepEqual(
      looks.map(({ side, largest }) => [side, largest]),
      expected,
      `${variant.id} ${width}x${height} ${maxSize}`,
    );
  }
});

test('a box is beyond the anchors where its area is more than twice the largest anchor, for MobileNet only', () => {
  const square = (side: number): Box => [10, 10, 10 + side, 10 + side];
  assert.equal(beyondAnchors(square(362), small), false);
  assert.equal(beyondAnchors(square(363), small), true);
  assert.equal(beyondAnchors(square(363), mobilenet), false);
  assert.equal(beyondAnchors(square(3000), ternaus), false);
});

test('of two looks: large boxes from the small one, then those of the fine one, then what only the small one found', () => {
  const face = (box: Box, score: number): Face => ({
    box,
    score,
    landmarks: null,
    landmarksEstimated: false,
  });
  const large = face([0, 0, 300, 300], 0.95);
  const part = face([20, 20, 270, 270], 0.99); // of the large face, IoU 0.69
  const eye = face([500, 500, 560, 560], 0.98);
  const fine = face([1000, 0, 1100, 100], 0.92);
  const coarse = face([1005, 0, 1105, 100], 0.99);
  const missed = face([2000, 0, 2200, 200], 0.93);
  assert.deepEqual(mergeLooks([part, eye, fine], [coarse, large, missed], 256, 0.4), [
    large,
    eye,
    fine,
    missed,
  ]);
  assert.deepEqual(mergeLooks([fine], [], 256, 0.4), [fine]);
  assert.deepEqual(mergeLooks([], [coarse], 256, 0.4), [coarse]);
});
