/** BlazeFace: raw outputs equal to TensorFlow Lite's own, faces found where they are, and none where there are none. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { tfliteToOnnx } from '../../../server/src/checkpoints/tflite';
import { fiveLandmarks } from '../../../server/src/detection/blazeface';
import { blazefaceSha256, readBlazefaceFile } from '../../../server/src/detection/blazeface-file';
import type { BlazefaceRange } from '../../../server/src/detection/blazeface-file';
import type { Detector } from '../../../server/src/detection/detector';
import { intersectionOverUnion } from '../../../server/src/detection/nms';
import { LensError } from '../../../server/src/errors';
import type { Box } from '../../../server/src/imaging/image';
import { resizeRgb } from '../../../server/src/imaging/resize';
import { cropRgb } from '../../../server/src/imaging/resize';
import { encodeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { sharedFile } from '../../support/shared';
import { blank, golden, goldenFloats, placed, readRgb, samplePortrait } from './support';
import { createBlazeFace } from '../../support/detectors';

interface Golden {
  models: Record<
    BlazefaceRange,
    {
      sha256: string;
      keepEvery: number;
      cases: { input: 'portrait' | 'noise'; output: string; dims: number[]; at: number }[];
    }
  >;
}

/** The generator's inputs again (test/reference/detection/blazeface.mjs), as NCHW. */
const inputs = {
  /** Pixel (x, y) is the portrait's pixel nearest to its center; value / 127.5 - 1. */
  async portrait(side: number): Promise<Float32Array> {
    const { width, height, data } = await readRgb(samplePortrait);
    const nearest = (i: number, length: number) => Math.floor(((i + 0.5) * length) / side);
    return planar(
      side,
      (x, y, c) => data[(nearest(y, height) * width + nearest(x, width)) * 3 + c]! / 127.5 - 1,
    );
  },
  /** mulberry32 from seed 1 in NHWC order, -1..1. */
  noise(side: number): Promise<Float32Array> {
    let state = 1;
    const values = Array.from({ length: side * side * 3 }, () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
    });
    return Promise.resolve(planar(side, (x, y, c) => values[(y * side + x) * 3 + c]!));
  },
};

function planar(side: number, value: (x: number, y: number, c: number) => number): Float32Array {
  const plane = side * side;
  return Float32Array.from({ length: 3 * plane }, (_, i) => {
    const at = i % plane;
    return value(at % side, Math.floor(at / side), Math.floor(i / plane));
  });
}

const { models } = JSON.parse(golden('blazeface.json').toString()) as Golden;
for (const [range, side] of [
  ['full_range', 192],
  ['short_range', 128],
] as const) {
  test(`${range}: raw outputs are TensorFlow Lite's to within 2e-4`, async () => {
    const { sha256, keepEvery, cases } = models[range];
    assert.equal(sha256, blazefaceSha256[range]);
    const expected = goldenFloats(`blazeface_${range}.f32`);
    const { path, bytes } = await readBlazefaceFile(range);
    const session = await createSession(encodeModel(tfliteToOnnx(bytes, path)));
    let compared = 0;
    for (const { input, output, dims, at } of cases) {
      const data = await inputs[input](side);
      const outputs = await session.run({ input: { type: 'float32', dims: [1, 3, side, side], data } });
      const found = outputs[output];
      assert.deepEqual(found?.dims, dims);
      for (let i = 0; i * keepEvery < found.data.length; i++, compared++) {
        const difference = Math.abs(Number(found.data[i * keepEvery]) - expected[at + i]!);
        assert.ok(difference <= 2e-4, `${input}, ${output}[${i * keepEvery}] differs by ${difference}`);
      }
    }
    await session.dispose();
    assert.equal(compared, expected.length);
  });
}

let detector: Detector;
before(async () => {
  detector = await createBlazeFace((model) => createSession(model));
});
after(() => detector.dispose());

/** Where samples/portrait.svg draws them: eyes' irises, nose tip, corners of the mouth. */
const drawn = [
  [272, 293],
  [371, 293],
  [320, 352],
  [275, 394],
  [369, 393],
] as const;

test('the drawn portrait: one face, its landmarks within 12 pixels of where they were drawn', async () => {
  const faces = await detector.detect(await readRgb(samplePortrait));
  assert.equal(faces.length, 1);
  const [face] = faces;
  assert.ok(face!.score! > 0.9, `score ${face!.score}`);
  assert.ok(intersectionOverUnion(face!.box, [208, 190, 432, 446]) > 0.7, face!.box.join());
  assert.equal(face!.landmarksEstimated, true);
  drawn.forEach(([x, y], i) => {
    const point = face!.landmarks![i]!;
    assert.ok(Math.hypot(point.x - x, point.y - y) < 12, `landmark ${i} at ${point.x}, ${point.y}`);
  });
});

test('a tight crop is found by the second look', async () => {
  const crop = cropRgb(await readRgb(samplePortrait), [215, 215, 427, 437]);
  const [face] = await detector.detect(crop);
  assert.ok(intersectionOverUnion(face!.box, [0, 0, 212, 222]) > 0.7, face!.box.join());
  const [leftEye] = face!.landmarks!;
  assert.ok(Math.hypot(leftEye.x - (272 - 215), leftEye.y - (293 - 215)) < 12);
});

test('two faces: both, the larger first, in pixels of a picture that is not square', async () => {
  const large = await readRgb(samplePortrait);
  const small = resizeRgb(large, 320, 320);
  const image = placed(large, { width: 1100, height: 640, left: 460, top: 0 });
  for (let y = 0; y < 320; y++) {
    image.data.set(small.data.subarray(y * 960, (y + 1) * 960), ((y + 200) * 1100 + 60) * 3);
  }
  const faces = await detector.detect(image);
  const expected: Box[] = [
    [660, 208, 902, 450],
    [160, 304, 281, 425],
  ];
  assert.equal(faces.length, 2);
  expected.forEach((box, i) =>
    assert.ok(intersectionOverUnion(faces[i]!.box, box) > 0.7, faces[i]!.box.join()),
  );
});

test('no face in an even gray, in a single pixel, or upside down', async () => {
  const { width, height, data } = await readRgb(samplePortrait);
  const turned = new Uint8Array(data.length);
  for (let i = 0; i < width * height; i++)
    turned.set(data.subarray(i * 3, i * 3 + 3), (width * height - 1 - i) * 3);
  for (const image of [blank(300, 200), blank(1, 1), { width, height, data: turned }]) {
    assert.deepEqual(await detector.detect(image), []);
  }
});

test('mouth corners follow the eyes when the head is tilted', () => {
  const at = (x: number, y: number) => ({ x, y });
  const [, , , left, right] = fiveLandmarks([
    at(0, 0),
    at(0, 10),
    at(-4, 5),
    at(-8, 5),
    at(1, -2),
    at(1, 12),
  ]);
  assert.deepEqual([left, right], [at(-8, 5 - 4.14), at(-8, 5 + 4.14)]);
});

test('an aborted signal ends detection as cancelled', async () => {
  await assert.rejects(
    () => detector.detect(blank(10, 10), AbortSignal.abort()),
    (error: unknown) => error instanceof LensError && error.kind === 'cancelled',
  );
});

test('astronaut.png: IoU with [173,68,280,174] is at least 0.7', async (t) => {
  const path = sharedFile(t, 'images/astronaut.png');
  if (path === null) return;
  const faces = await detector.detect(await readRgb(path));
  assert.equal(faces.length, 1);
  const overlap = intersectionOverUnion(faces[0]!.box, [173, 68, 280, 174]);
  assert.ok(overlap >= 0.7, `IoU ${overlap}`);
});

for (const name of ['coffee.png', 'chelsea.png']) {
  test(`${name}: no face`, async (t) => {
    const path = sharedFile(t, `images/${name}`);
    if (path !== null) assert.deepEqual(await detector.detect(await readRgb(path)), []);
  });
}

test('a missing or changed model file is an error that says what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'blazeface-'));
  try {
    const rejected = (message: RegExp) => (error: unknown) => {
      assert.ok(error instanceof LensError && error.kind === 'model');
      assert.match(error.message, message);
      assert.match(error.fix ?? '', /npm ci/);
      return true;
    };
    await assert.rejects(
      () => readBlazefaceFile('full_range', [folder]),
      rejected(/full_range\.tflite is in none of/),
    );
    await writeFile(join(folder, 'face_detection_full_range.tflite'), 'TFL3');
    await assert.rejects(
      () => readBlazefaceFile('full_range', [folder]),
      rejected(/expected .* SHA-256 99bf.*, found [0-9a-f]{64}/),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
