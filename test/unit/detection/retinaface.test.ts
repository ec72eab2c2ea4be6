/** RetinaFace: checkpoints written by PyTorch give PyTorch's raw outputs and faces, seeded and real weights alike. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { retinaFaceParameters } from '../../../server/src/architectures/retinaface';
import type { ImportedRetinaFace } from '../../../server/src/architectures/retinaface-import';
import { importRetinaFace } from '../../../server/src/architectures/retinaface-import';
import type { RetinaFaceVariantId } from '../../../server/src/architectures/retinaface-variants';
import { retinaFaceVariants } from '../../../server/src/architectures/retinaface-variants';
import { fillUniform, fnv1a32 } from '../../../server/src/architectures/seeded';
import type { StateDict } from '../../../server/src/architectures/state-dict';
import { fromTensorSource } from '../../../server/src/architectures/state-dict';
import { openCheckpoint } from '../../../server/src/checkpoints/open';
import type { Face } from '../../../server/src/detection/face';
import { boxArea } from '../../../server/src/detection/face';
import { intersectionOverUnion } from '../../../server/src/detection/nms';
import { scaledTo } from '../../../server/src/detection/retinaface';
import { LensError } from '../../../server/src/errors';
import type { RgbImage } from '../../../server/src/imaging/image';
import { encodeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { goldenTensor, restoreCheckpoint } from '../../golden/architectures/golden';
import type { TensorRules } from '../../golden/architectures/golden';
import { sharedFile } from '../../support/shared';
import { blank, readRgb, samplePortrait } from './support';
import { createRetinaFace, loadRetinaFace } from '../../support/detectors';

/** Another folder holds whole checkpoints instead of skeletons (see test/reference/detection/README.md). */
const goldens = process.env['LENS_DETECTION_GOLDENS'] ?? join(__dirname, '../../golden/detection');

interface GoldenFace {
  bbox: [number, number, number, number];
  score: number;
  landmarks: [number, number][];
}
interface Golden extends TensorRules {
  variant: RetinaFaceVariantId;
  input: number[];
  outputs: number[][];
  containers: string[];
  faces: { maxSize: number | null; faces: GoldenFace[] }[];
}
const read = (name: string): unknown => JSON.parse(readFileSync(join(goldens, name), 'utf8'));
const variants: readonly Golden[] = ['ternaus', 'mobilenet', 'mobilenet-1mb'].map(
  (id) => read(`retinaface_${id}.json`) as Golden,
);
const openSession = (model: Uint8Array) => createSession(model);

/** The reference's weights, without a file. */
function seeded(golden: Golden): StateDict {
  const { shapes } = retinaFaceParameters(retinaFaceVariants[golden.variant].body);
  return {
    has: (name) => shapes.has(name),
    shape: (name) => shapes.get(name)!,
    names: () => shapes.keys(),
    float32: (name) => Promise.resolve(goldenTensor(golden, name, shapes.get(name)!)),
  };
}

async function assertRawOutputs(golden: Golden, { model }: ImportedRetinaFace): Promise<void> {
  const bytes = readFileSync(join(goldens, `retinaface_${golden.variant}.f32`));
  const expected = new Float32Array(new Uint8Array(bytes).buffer);
  const dims = golden.input;
  const data = fillUniform(new Float32Array(dims.reduce((a, b) => a * b)), fnv1a32('image'), 1);
  const session = await openSession(encodeModel(model));
  const outputs = await session.run({ image: { type: 'float32', dims, data } });
  await session.dispose();
  let at = 0;
  ['boxes', 'logits', 'landmarks'].forEach((name, i) => {
    const { dims, data } = outputs[name]!;
    assert.deepEqual(dims, golden.outputs[i]);
    for (let k = 0; k < data.length; k++, at++) {
      const difference = Math.abs(Number(data[k]) - expected[at]!);
      assert.ok(difference <= 1e-4, `${name}[${k}] differs by ${difference}`);
    }
  });
  assert.equal(at, expected.length);
}

for (const golden of variants) {
  for (const container of golden.containers) {
    test(`${container}: raw outputs are PyTorch's`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'retinaface-'));
      try {
        const variant = retinaFaceVariants[golden.variant];
        const { shapes } = retinaFaceParameters(variant.body);
        const path = container.endsWith('.skeleton.gz')
          ? restoreCheckpoint(golden, container, shapes, folder, goldens)
          : join(goldens, container);
        const checkpoint = await openCheckpoint(path);
        const imported = await importRetinaFace(fromTensorSource(checkpoint), { source: path });
        await checkpoint.close();
        assert.equal(imported.variant, variant);
        assert.match(imported.prefix, /^(net\.|module\.|)$/);
        // Untrained statistics cannot tell the two MobileNets apart, and the report must say so.
        assert.equal(imported.notes.length, variant.body === 'mobilenet0.25' ? 1 : 0);
        await assertRawOutputs(golden, imported);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }
}

test("mobilenet-1mb, named as such: raw outputs are PyTorch's", async () => {
  const golden = variants.find(({ variant }) => variant === 'mobilenet-1mb')!;
  const imported = await importRetinaFace(seeded(golden), { source: 'seeded', variant: golden.variant });
  assert.deepEqual(imported.notes, []);
  await assertRawOutputs(golden, imported);
});

/** The generator's picture: every fourth pixel of the portrait, 120 rows of 160. */
async function smallPicture(): Promise<RgbImage> {
  const { width: stride, data } = await readRgb(samplePortrait);
  const [width, height] = [160, 120];
  const out = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = ((80 + 4 * y) * stride + 4 * x) * 3;
      out.set(data.subarray(at, at + 3), (y * width + x) * 3);
    }
  }
  return { width, height, data: out };
}

/** Same faces, largest first; coordinates are rounded to hundredths on both sides. */
function assertFaces(found: readonly Face[], expected: readonly GoldenFace[]): void {
  assert.equal(found.length, expected.length);
  const ordered = [...expected].sort((a, b) => boxArea(b.bbox) - boxArea(a.bbox));
  ordered.forEach(({ bbox, score, landmarks }, i) => {
    const face = found[i]!;
    const close = (a: number, b: number, tolerance: number) =>
      assert.ok(Math.abs(a - b) <= tolerance, `face ${i}: ${a} is not ${b}`);
    bbox.forEach((value, k) => close(face.box[k]!, value, 0.0201));
    close(face.score!, score, 0.0051);
    landmarks.forEach(([x, y], k) => {
      close(face.landmarks![k]!.x, x, 0.0201);
      close(face.landmarks![k]!.y, y, 0.0201);
    });
    assert.equal(face.landmarksEstimated, false);
  });
}

for (const golden of variants) {
  test(`${golden.variant}: decoded faces are the library's at every size`, async () => {
    const picture = await smallPicture();
    const imported = await importRetinaFace(seeded(golden), { source: 'seeded', variant: golden.variant });
    assert.ok(golden.faces.length > 0);
    for (const { maxSize, faces } of golden.faces) {
      const detector = await createRetinaFace(imported, openSession, { maxSize });
      assert.ok(faces.length > 1);
      assertFaces(await detector.detect(picture), faces);
      await detector.dispose();
    }
  });
}

test('real weights on astronaut.png: the face, its landmarks in anatomical order inside the box', async (t) => {
  const weights = sharedFile(t, 'models/retinaface_mobilenet0.25_1mb.pth');
  const path = sharedFile(t, 'images/astronaut.png');
  if (weights === null || path === null) return;
  const detector = await loadRetinaFace(weights, openSession);
  assert.equal(detector.id, 'retinaface-mobilenet0.25');
  assert.match(detector.describe(), /Face-Detector-1MB.*score above 0\.9.*own size/);
  const faces = await detector.detect(await readRgb(path));
  await detector.dispose();
  assertFaces(faces, (read('retinaface_real.json') as { faces: GoldenFace[] }).faces);
  const { box, landmarks } = faces[0]!;
  assert.ok(intersectionOverUnion(box, [173, 68, 280, 174]) >= 0.6);
  const [leftEye, rightEye, nose, leftCorner, rightCorner] = landmarks!;
  for (const { x, y } of landmarks!) {
    assert.ok(x > box[0] && x < box[2] && y > box[1] && y < box[3], `${x}, ${y} is outside the box`);
  }
  assert.ok(leftEye.x < nose.x && nose.x < rightEye.x && leftCorner.x < rightCorner.x);
  assert.ok(Math.max(leftEye.y, rightEye.y) < nose.y && nose.y < Math.min(leftCorner.y, rightCorner.y));
});

test('real weights on coffee.png: no face', async (t) => {
  const weights = sharedFile(t, 'models/retinaface_mobilenet0.25_1mb.pth');
  const path = sharedFile(t, 'images/coffee.png');
  if (weights === null || path === null) return;
  const detector = await loadRetinaFace(weights, openSession);
  assert.deepEqual(await detector.detect(await readRgb(path)), []);
  await detector.dispose();
});

test('any size, down to one pixel', async () => {
  const golden = variants.find(({ variant }) => variant === 'mobilenet')!;
  const detector = await createRetinaFace(
    await importRetinaFace(seeded(golden), { source: 'x' }),
    openSession,
  );
  for (const [width, height] of [
    [1, 1],
    [7, 3],
    [33, 64],
    [31, 200],
  ] as const) {
    await assert.doesNotReject(() => detector.detect(blank(width, height)));
  }
  await assert.rejects(
    () => detector.detect(blank(8, 8), AbortSignal.abort()),
    (error: unknown) => error instanceof LensError && error.kind === 'cancelled',
  );
  await detector.dispose();
});

test('the longest side is scaled exactly, the other rounded half to even', () => {
  const sizes = [
    [100, 50, 200, [200, 100]],
    [100, 25, 50, [50, 12]],
    [100, 27, 50, [50, 14]],
    [1000, 1, 10, [10, 1]],
  ] as const;
  for (const [width, height, maxSize, expected] of sizes) {
    const scaled = scaledTo(blank(width, height), maxSize);
    assert.deepEqual([scaled.width, scaled.height], expected);
  }
  const image = blank(64, 48);
  assert.equal(scaledTo(image, 64), image);
});

function failsWith(kind: string, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof LensError, String(error));
    assert.equal(error.kind, kind);
    assert.match(error.message, message);
    assert.ok(error.fix !== undefined || error.remedies.length > 0, 'nothing says what to do');
    return true;
  };
}

test('refused: a maximal size that is none, a variant of another body, weights that are no detector', async () => {
  const golden = variants.find(({ variant }) => variant === 'mobilenet')!;
  const imported = await importRetinaFace(seeded(golden), { source: 'x' });
  for (const maxSize of [0, -1, 2.5, Number.NaN]) {
    await assert.rejects(
      () => createRetinaFace(imported, openSession, { maxSize }),
      failsWith('usage', /positive integer, found/),
    );
  }
  await assert.rejects(
    () => importRetinaFace(seeded(golden), { source: 'weights.pth', variant: 'ternaus' }),
    failsWith('model', /weights\.pth: expected RetinaFace ResNet-50 .*, found retinaface\/mobilenet0\.25/),
  );
  const foreign: StateDict = {
    has: (name) => name === 'a.weight',
    shape: () => [3],
    names: () => ['a.weight'],
    float32: () => Promise.resolve(new Float32Array(3)),
  };
  await assert.rejects(
    () => importRetinaFace(foreign, { source: 'weights.pth' }),
    failsWith('model', /weights\.pth: expected a network of a known architecture/),
  );
});
