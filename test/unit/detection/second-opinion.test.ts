/** What BlazeFace does not see is doubted: marked, and behind the others where the detector may be put right. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Detector } from '../../../server/src/detection/detector';
import type { Face } from '../../../server/src/detection/face';
import { withSecondOpinion } from '../../../server/src/detection/second-opinion';
import { LensError } from '../../../server/src/errors';
import type { Box, RgbImage } from '../../../server/src/imaging/image';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { blank, placed, readRgb, samplePortrait } from './support';
import { createBlazeFace } from '../../support/detectors';

const face = (box: Box): Face => ({ box, score: 0.9, landmarks: null, landmarksEstimated: false });

/** Finds these, whatever the picture. */
const finding = (...faces: readonly Face[]): Detector => ({
  id: 'retinaface-mobilenet0.25',
  describe: () => 'fake',
  detect: () => Promise.resolve(faces),
  dispose: () => Promise.resolve(),
});

const doubts = (faces: readonly Face[]) => faces.map(({ box, doubt }) => [box[0], doubt ?? null]);

const reorder = { reorder: true } as const;

test('seen in the whole picture or in a cut-out of three times the box: no doubt; unseen boxes go last', async () => {
  const cutOuts: (readonly [number, number])[] = [];
  const other = {
    detect: ({ width, height }: RgbImage) => {
      cutOuts.push([width, height]);
      // The box of 300 in the whole picture, and whatever stands in the middle of the cut-out of 150.
      if (width === 1000) return Promise.resolve([face([610, 600, 890, 880])]);
      return Promise.resolve(width === 150 ? [face([52, 52, 98, 98])] : []);
    },
  };
  const large = face([100, 400, 500, 800]);
  const boxes = [large, face([600, 600, 900, 900]), face([700, 100, 750, 150])];
  const detector = withSecondOpinion(finding(...boxes), () => Promise.resolve(other), reorder);
  assert.deepEqual(doubts(await detector.detect(blank(1000, 1000))), [
    [600, null],
    [700, null],
    [100, 'unseen'],
  ]);
  // The large box's square, cut by the picture's edges; then the small one's.
  assert.deepEqual(cutOuts, [
    [1000, 1000],
    [900, 1000],
    [150, 150],
  ]);
});

test('without reordering the largest stays first, and is marked all the same', async () => {
  const other = { detect: () => Promise.resolve([face([0, 0, 50, 50])]) };
  const boxes = [face([200, 200, 400, 400]), face([0, 0, 50, 50])];
  const detector = withSecondOpinion(finding(...boxes), () => Promise.resolve(other), { reorder: false });
  assert.deepEqual(doubts(await detector.detect(blank(500, 500))), [
    [200, 'unseen'],
    [0, null],
  ]);
});

test('where every box is doubted the largest stays first; a doubt that the detector had stays', async () => {
  const other = { detect: () => Promise.resolve([face([200, 200, 400, 400])]) };
  const beyond = { ...face([200, 200, 400, 400]), doubt: 'beyond-anchors' as const };
  const detector = withSecondOpinion(
    finding(face([0, 0, 90, 90]), beyond),
    () => Promise.resolve(other),
    reorder,
  );
  assert.deepEqual(doubts(await detector.detect(blank(500, 500))), [
    [200, 'beyond-anchors'],
    [0, 'unseen'],
  ]);
});

test('of a hundred boxes the largest 40 are looked at, and a box beside the picture is not a bug', async () => {
  let looks = 0;
  const other = { detect: () => ((looks += 1), Promise.resolve([])) };
  const many = Array.from({ length: 100 }, (_, i) => face([5 * i, 0, 5 * i + 4, 4]));
  const all = finding(face([900, 900, 950, 950]), ...many);
  const found = await withSecondOpinion(all, () => Promise.resolve(other), reorder).detect(blank(200, 200));
  assert.equal(found.length, 101);
  assert.ok(found.every(({ doubt }) => doubt === 'unseen'));
  assert.ok(looks <= 41 && looks > 30, `${looks}`);
});

test('where nothing is found BlazeFace is not opened, and a cancelled run stops between cut-outs', async () => {
  const never = () => Promise.reject(new Error('opened'));
  assert.deepEqual(await withSecondOpinion(finding(), never, reorder).detect(blank(9, 9)), []);
  const stop = new AbortController();
  const other = {
    detect: () => {
      stop.abort();
      return Promise.resolve([]);
    },
  };
  const detector = withSecondOpinion(finding(face([0, 0, 9, 9])), () => Promise.resolve(other), reorder);
  await assert.rejects(
    () => detector.detect(blank(20, 20), stop.signal),
    (error: unknown) => error instanceof LensError && error.kind === 'cancelled',
  );
});

test('BlazeFace itself: the sample portrait is seen, also where it is too small for the whole picture; gray is not', async () => {
  const blaze = await createBlazeFace((model) => createSession(model));
  const portrait = await readRgb(samplePortrait);
  const [whole] = await blaze.detect(portrait);
  assert.ok(whole !== undefined);
  const corner = { left: 3000, top: 100 };
  const image = placed(portrait, { width: 4000, height: 3600, ...corner });
  const [x0, y0, x1, y1] = whole.box;
  const inImage: Box = [x0 + corner.left, y0 + corner.top, x1 + corner.left, y1 + corner.top];
  assert.ok(Math.max(x1 - x0, y1 - y0) < 0.12 * image.width);
  const boxes = finding(face([200, 900, 1500, 2500]), face(inImage), face([100, 100, 160, 170]));
  const faces = await withSecondOpinion(boxes, () => Promise.resolve(blaze), reorder).detect(image);
  assert.deepEqual(
    faces.map(({ doubt }) => doubt ?? null),
    [null, 'unseen', 'unseen'],
  );
  assert.deepEqual(faces[0]?.box, inImage);
  await blaze.dispose();
});
