/** RetinaFace MobileNet with its published weights: the face is analyzed, at every size of the picture. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { after, describe, test } from 'node:test';
import { groupPicture } from '../../../bench/detection/picture';
import type { Detector } from '../../../server/src/detection/detector';
import type { Face } from '../../../server/src/detection/face';
import { intersectionOverUnion } from '../../../server/src/detection/nms';
import { withSecondOpinion } from '../../../server/src/detection/second-opinion';
import type { Box, RgbImage } from '../../../server/src/imaging/image';
import { resizeRgb } from '../../../server/src/imaging/resize';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { sharedFile } from '../../support/shared';
import { blank, readRgb } from './support';
import { createBlazeFace, loadRetinaFace } from '../../support/detectors';

/** BlazeFace's, of the astronaut in 512x512 pixels. */
const astronautFace: Box = [173, 68, 280, 174];

const openSession = (model: Uint8Array) => createSession(model);
const opened: Detector[] = [];
after(() => Promise.all(opened.map((detector) => detector.dispose())));

const loaded = new Map<number | null, Promise<Detector>>();
let blaze: Promise<Detector> | null = null;

/** The detector as an analysis has it; null where the weights are missing. */
async function detectorOf(t: TestContext, maxSize: number | null = null): Promise<Detector | null> {
  const weights = sharedFile(t, 'models/retinaface_mobilenet0.25_1mb.pth');
  if (weights === null) return null;
  const load = async (): Promise<Detector> => {
    const own = await loadRetinaFace(weights, openSession, { maxSize });
    blaze ??= createBlazeFace(openSession);
    opened.push(own);
    return withSecondOpinion(own, () => blaze!, { reorder: true });
  };
  const detector = loaded.get(maxSize) ?? load();
  loaded.set(maxSize, detector);
  return detector;
}

const times = (image: RgbImage, factor: number): RgbImage =>
  resizeRgb(image, Math.round(image.width * factor), Math.round(image.height * factor));

const scaled = (box: Box, factor: number): Box => box.map((value) => value * factor) as unknown as Box;

/** Puts one picture over another. */
function over(below: RgbImage, above: RgbImage, left: number, top: number): RgbImage {
  const data = below.data.slice();
  for (let y = 0; y < above.height; y++)
    data.set(
      above.data.subarray(3 * y * above.width, 3 * (y + 1) * above.width),
      3 * ((top + y) * below.width + left),
    );
  return { ...below, data };
}

function assertChosen([first]: readonly Face[], expected: Box): void {
  assert.ok(first !== undefined, 'no face');
  const iou = intersectionOverUnion(first.box, expected);
  assert.ok(iou > 0.6, `the box [${first.box.join(', ')}] is not the face [${expected.join(', ')}]`);
  assert.equal(first.doubt, undefined);
}

describe('astronaut.png', () => {
  for (const factor of [0.5, 1, 2, 3, 5, 7])
    test(`${factor} times its size: her face`, async (t) => {
      const path = sharedFile(t, 'images/astronaut.png');
      const detector = await detectorOf(t);
      if (path === null || detector === null) return;
      const image = factor === 1 ? await readRgb(path) : times(await readRgb(path), factor);
      const faces = await detector.detect(image);
      assertChosen(faces, scaled(astronautFace, factor));
      // Hair, suit and flag that are taken for faces are named as what may be none.
      for (const face of faces.slice(1)) assert.equal(face.doubt, 'unseen', face.box.join(', '));
    });

  test('at a size requested, where her face falls apart: a part of it, in doubt', async (t) => {
    const path = sharedFile(t, 'images/astronaut.png');
    const detector = await detectorOf(t, 2560);
    if (path === null || detector === null) return;
    const [first] = await detector.detect(times(await readRgb(path), 5));
    assert.ok(first?.doubt !== undefined);
  });
});

for (const [width, height] of [
  [640, 480],
  [1024, 768],
  [2048, 1536],
] as const)
  test(`five faces in ${width}x${height}: the largest first, none lost that is found at its own size`, async (t) => {
    const path = sharedFile(t, 'images/astronaut.png');
    const [detector, before] = [await detectorOf(t), await detectorOf(t, width)];
    if (path === null || detector === null || before === null) return;
    const image = await groupPicture(path, width, height);
    const faces = await detector.detect(image);
    assertChosen(faces, scaled(astronautFace, height / 512));
    const sure = faces.filter(({ doubt }) => doubt === undefined);
    const earlier = (await before.detect(image)).filter(({ doubt }) => doubt === undefined);
    assert.ok(earlier.length >= 2);
    for (const { box } of earlier)
      assert.ok(
        sure.some((face) => intersectionOverUnion(face.box, box) > 0.5),
        `the face [${box.join(', ')}] is lost`,
      );
  });

describe('chelsea.png, a cat that RetinaFace takes for a face', () => {
  for (const factor of [1, 3])
    test(`${factor} times its size, alone: analyzed, in doubt`, async (t) => {
      const path = sharedFile(t, 'images/chelsea.png');
      const detector = await detectorOf(t);
      if (path === null || detector === null) return;
      const faces = await detector.detect(times(await readRgb(path), factor));
      assert.ok(faces.length > 0);
      for (const { doubt } of faces) assert.equal(doubt, 'unseen');
    });

  for (const [cat, woman] of [
    [1, 0.5],
    [4, 0.75],
  ] as const)
    test(`${cat} times its size, beside a woman at ${woman} times hers: the woman`, async (t) => {
      const paths = [sharedFile(t, 'images/chelsea.png'), sharedFile(t, 'images/astronaut.png')] as const;
      const detector = await detectorOf(t);
      if (paths[0] === null || paths[1] === null || detector === null) return;
      const large = times(await readRgb(paths[0]), cat);
      const small = times(await readRgb(paths[1]), woman);
      const ground = blank(large.width + small.width, Math.max(large.height, small.height));
      const image = over(over(ground, large, 0, 0), small, large.width, 0);
      const [x0, y0, x1, y1] = scaled(astronautFace, woman);
      assertChosen(await detector.detect(image), [large.width + x0, y0, large.width + x1, y1]);
    });
});

for (const factor of [1, 5])
  test(`coffee.png at ${factor} times its size: no face that is not in doubt`, async (t) => {
    const path = sharedFile(t, 'images/coffee.png');
    const detector = await detectorOf(t);
    if (path === null || detector === null) return;
    for (const { doubt } of await detector.detect(times(await readRgb(path), factor)))
      assert.equal(doubt, 'unseen');
  });
