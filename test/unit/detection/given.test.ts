/** The detectors that look at nothing, and what they refuse. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { givenBox, wholeImage } from '../../../server/src/detection/given';
import { LensError } from '../../../server/src/errors';
import type { Box } from '../../../server/src/imaging/image';
import { blank } from './support';

test('none: the whole picture is one unscored face without landmarks', async () => {
  assert.deepEqual(await wholeImage().detect(blank(30, 20)), [
    { box: [0, 0, 30, 20], score: null, landmarks: null, landmarksEstimated: false },
  ]);
});

test('box: passed on as given, even over the border', async () => {
  const [face] = await givenBox([-5, 2.5, 12, 40]).detect(blank(30, 20));
  assert.deepEqual(face?.box, [-5, 2.5, 12, 40]);
});

const refused: [Box, 'usage' | 'image', RegExp][] = [
  [[10, 0, 10, 5], 'usage', /x0 < x1 and y0 < y1 in pixels; found 10,0,10,5/],
  [[0, 9, 5, 3], 'usage', /found 0,9,5,3/],
  [[0, 0, Number.NaN, 5], 'usage', /finite numbers/],
  [[30, 0, 40, 5], 'image', /outside the picture, which is 30 pixels wide and 20 high/],
  [[-9, -9, 0, 5], 'image', /\[-9, -9, 0, 5\] lies outside/],
];
for (const [box, kind, message] of refused) {
  test(`box ${box.join()} is refused as ${kind}`, async () => {
    const attempt = async () => givenBox(box).detect(blank(30, 20));
    await assert.rejects(attempt, (error: unknown) => {
      assert.ok(error instanceof LensError);
      assert.equal(error.kind, kind);
      assert.match(error.message, message);
      assert.deepEqual(error.remedies, [{ do: 'give-box' }]);
      return true;
    });
  });
}
