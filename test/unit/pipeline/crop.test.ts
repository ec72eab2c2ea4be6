/** The crop's arithmetic, against the reference report and by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cropRegion, faceRegion } from '../../../server/src/pipeline/face/crop';

const rows = [
  // The reference report: 879x1047 (WxH), side 1.2 * 315 = 378 around (433, 358.5).
  {
    name: 'the reference',
    face: [323, 201, 543, 516],
    mode: 'square',
    size: [879, 1047],
    box: [244, 169, 622, 547],
    clamped: false,
  },
  {
    name: 'top left corner',
    face: [0, 0, 100, 100],
    mode: 'square',
    size: [200, 200],
    box: [0, 0, 110, 110],
    clamped: true,
  },
  {
    name: 'bottom right corner',
    face: [150, 150, 200, 200],
    mode: 'square',
    size: [200, 200],
    box: [145, 145, 200, 200],
    clamped: true,
  },
  {
    name: 'SelfBlendedImages',
    face: [40, 40, 120, 140],
    mode: 'sbi',
    size: [300, 300],
    box: [30, 27, 131, 153],
    clamped: false,
  },
] as const;

for (const { name, face, mode, size, box, clamped } of rows) {
  test(`crop region: ${name}`, () => {
    assert.deepEqual(cropRegion(face, mode, size[0], size[1]), { box, clamped });
  });
}

test('a box outside the image is an image error that names both', () => {
  const image = { width: 10, height: 8, data: new Uint8Array(240) };
  assert.throws(() => faceRegion(image, [20, 20, 30, 30], 'square'), {
    kind: 'image',
    message: 'The face box [20, 20, 30, 30] lies outside the image, which is 10x8 (WxH).',
  });
});
