/** Pictures and data on their way into a report: contents, order, failures, layer pictures. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import type { FloatMap, RgbImage } from '../../../server/src/imaging/image';
import { COLOR_MAPS } from '../../../server/src/imaging/color-maps';
import { ArtifactWriter } from '../../../server/src/report/artifacts';
import { KeptPictures, type DrawnFrom } from '../../../server/src/report/kept-pictures';
import type { ReportFolder } from '../../../server/src/report/folder';
import { writeReportFolder } from '../../../server/src/report/folder';
import { LayerPainter } from '../../../server/src/report/layer-pictures';
import type { LayerMaps } from '../../../server/src/report/layer-pictures';
import { MapsFile, readSlice } from '../../../server/src/report/maps-file';
import { layerPaths, subjectPaths, waveletPlanePath } from '../../../server/src/report/paths';
import { classifierStats, layerStats } from '../../../server/src/report/stats';
import { temporaryFolder } from '../../support/temp';
import { referenceRun } from './reference-run';

const root = temporaryFolder('artifacts');

async function inReport(
  use: (writer: ArtifactWriter, folder: ReportFolder) => Promise<void>,
): Promise<string> {
  const output = mkdtempSync(join(root, 'out-'));
  const place = { output, pipeline: 'p', imagePath: 'a.png', startedAt: 0 };
  const { path } = await writeReportFolder(place, async (folder) => {
    const writer = new ArtifactWriter(folder);
    await use(writer, folder);
    await writer.finish();
  });
  return path;
}

const pixels = async (path: string) => [...(await sharp(path).raw().toBuffer())];

test('pictures and data arrive as they were given', async () => {
  const path = await inReport(async (writer) => {
    writer.rgb('a/rgb.png', () => ({ width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) }));
    writer.gray('a/gray.png', () => ({ width: 2, height: 1, data: Uint8Array.of(7, 8) }));
    writer.drawn('a/b/later.bin', () => Promise.resolve(Uint8Array.of(1, 2)));
    await writer.json('x.json', { mean: Number.NaN, max: Infinity, min: -Infinity, n: 1.5, none: null });
    await writer.data('maps.bin', Uint8Array.of(9));
  });
  assert.deepEqual(await pixels(join(path, 'a/rgb.png')), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual((await pixels(join(path, 'a/gray.png'))).slice(0, 1), [7]);
  assert.deepEqual([...readFileSync(join(path, 'a/b/later.bin'))], [1, 2]);
  assert.deepEqual(JSON.parse(readFileSync(join(path, 'x.json'), 'utf8')), {
    mean: 'NaN',
    max: 'Infinity',
    min: '-Infinity',
    n: 1.5,
    none: null,
  });
  assert.deepEqual([...readFileSync(join(path, 'maps.bin'))], [9]);
});

test('a picture of what was drawn before is written again without drawing it', async () => {
  const kept = new KeptPictures();
  const [one, other] = [{}, {}];
  let drawn = 0;
  const draw = (): Uint8Array => Uint8Array.of(++drawn);
  const written = async (name: string, from: DrawnFrom): Promise<number> => {
    const path = await inReport(async (_, folder) => {
      const writer = new ArtifactWriter(folder, undefined, undefined, kept);
      writer.drawn(name, draw, from);
      await writer.finish();
    });
    return readFileSync(join(path, name))[0] ?? 0;
  };
  assert.equal(await written('a', { of: one }), 1);
  assert.equal(await written('a', { of: one }), 1, 'again');
  assert.equal(await written('a', { of: other }), 2, 'of another object');
  assert.equal(await written('b', { of: one }), 3, 'another picture of it');
  assert.equal(await written('a', { of: one, key: 'face' }), 4, 'with something else in it');
  assert.equal(drawn, 4);
  await assert.rejects(
    kept.get({ of: one }, 'c', () => Promise.reject(new Error('no memory'))),
    /no memory/,
  );
  assert.deepEqual(await kept.get({ of: one }, 'c', draw), Uint8Array.of(5), 'what failed is drawn anew');
});

test('what cannot be written is a failure of its own call', async () => {
  let calls = 0;
  const failing = {
    write: () => (++calls === 3 ? Promise.reject(new Error('third')) : Promise.resolve()),
  } as unknown as ReportFolder;
  const writer = new ArtifactWriter(failing);
  await assert.rejects(async () => {
    for (let i = 0; i < 100; i++) await writer.data(`${i}`, 'x');
  }, /third/);
  assert.equal(calls, 3);
});

test('what is drawn is drawn one after another, a failure does not stop the next, and others have their turn', async () => {
  const order: string[] = [];
  const folder = { write: () => Promise.resolve() } as unknown as ReportFolder;
  const writer = new ArtifactWriter(folder);
  for (const name of ['a', 'b', 'c']) {
    writer.drawn(name, async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 1));
      order.push(`${name} ends`);
      if (name === 'b') throw new Error('b cannot be drawn');
      return name;
    });
  }
  assert.deepEqual(order, [], 'nothing is drawn before the caller goes on');
  await assert.rejects(writer.finish(), /b cannot be drawn/);
  assert.deepEqual(order, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

test('cancellation stops before the next file', async () => {
  const controller = new AbortController();
  const folder = { write: () => Promise.resolve() } as unknown as ReportFolder;
  const writer = new ArtifactWriter(folder, controller.signal);
  await writer.data('a', 'x');
  controller.abort();
  await assert.rejects(writer.data('b', 'x'), { kind: 'cancelled' });
});

const crop: RgbImage = { width: 40, height: 40, data: new Uint8Array(4800).fill(100) };
const map = (width: number, height: number, value: (i: number) => number): FloatMap => ({
  width,
  height,
  data: Float32Array.from({ length: width * height }, (_, i) => value(i)),
});

const png = async (file: Uint8Array) => [...(await sharp(file).raw().toBuffer())];

test('a layer gets an activation in VIRIDIS and an overlay in JET for each method', async () => {
  const { activation, overlays } = new LayerPainter(crop).paint({
    vector: null,
    activation: map(4, 4, (i) => i),
    cams: [
      { method: 'gradcam', map: map(4, 4, (i) => (i === 0 ? 1 : -5)) },
      { method: 'layercam', map: map(4, 4, () => -1) },
    ],
  });
  const drawn = await png(activation);
  assert.deepEqual(drawn.slice(0, 3), [...COLOR_MAPS.viridis.subarray(0, 3)]);
  assert.deepEqual(drawn.slice(-3), [...COLOR_MAPS.viridis.subarray(765)]);
  const [heat, blank] = overlays;
  assert.deepEqual([heat?.blank, blank?.blank], [false, true]);
  const overlay = await png(heat!.picture);
  // The negative part is cut off, so the bottom right is JET's cold end and the top left its hot one, half and half.
  assert.deepEqual(overlay.slice(-3), [50, 50, (100 + 128) >> 1]);
  assert.deepEqual(overlay.slice(0, 3), [(100 + 128) >> 1, 50, 50]);
  assert.ok((await png(blank!.picture)).every((v, i) => v === [50, 50, 114][i % 3]));
});

test('a vector fills a square, and its negative values count', async () => {
  const vector = map(2, 1, (i) => (i === 0 ? -3 : -1));
  const { overlays } = new LayerPainter(crop).paint({
    vector: 'square',
    activation: vector,
    cams: [{ method: 'gradcam', map: vector }],
  });
  assert.equal(overlays[0]?.blank, false);
  // Square [[-3, -1], [0, 0]]: coldest top left.
  const overlay = await png(overlays[0].picture);
  assert.deepEqual(overlay.slice(0, 3), [50, 50, 114]);
  assert.deepEqual(overlay.slice(-3), [114, 50, 50]);
});

test('a vector of any other lens is bars around zero, and nothing of the crop shows', async () => {
  const { width, height } = crop;
  const values = map(2, 1, (i) => (i === 0 ? 3 : -1));
  const drawn = new LayerPainter(crop).paint({
    vector: 'bars',
    activation: values,
    cams: [{ method: 'gradcam', map: values }],
  });
  assert.equal(drawn.overlays[0]?.blank, false);
  assert.deepEqual(drawn.activation, drawn.overlays[0].picture);
  const picture = await png(drawn.activation);
  assert.deepEqual(
    [...new Set(picture)].sort((a, b) => a - b),
    [0, 63, 153, 255],
    'zero, up, down, ground',
  );
  const at = (x: number, y: number) => picture[3 * (y * width + x)];
  // From 3 to -1: zero lies three quarters down.
  const zero = Math.round(0.75 * (height - 1));
  assert.deepEqual([at(0, 0), at(0, zero), at(0, height - 1)], [63, 0, 255]);
  const right = width / 2 + 1;
  assert.deepEqual([at(right, 0), at(right, zero), at(right, height - 1)], [255, 0, 153]);
  const flat = map(3, 1, () => 2);
  const { overlays } = new LayerPainter(crop).paint({
    vector: 'bars',
    activation: flat,
    cams: [{ method: 'gradcam', map: flat }],
  });
  assert.equal(overlays[0]?.blank, true, 'nothing to tell apart');
});

test('pictures do not depend on which layers were drawn before', () => {
  const layer = (side: number): LayerMaps => ({
    vector: null,
    activation: map(side, side, (i) => Math.sin(i)),
    cams: [{ method: 'gradcam', map: map(side, side, (i) => Math.cos(i)) }],
  });
  const painter = new LayerPainter(crop);
  for (const side of [1, 12, 50, 3, 12]) {
    assert.deepEqual(painter.paint(layer(side)), new LayerPainter(crop).paint(layer(side)), `${side}`);
  }
});

test('maps.bin gives every map back', () => {
  const file = new MapsFile();
  const a = map(3, 2, (i) => i / 3);
  const slices = [file.add(a), file.addVector(Float32Array.of(Number.NaN, -0)), file.add(map(0, 0, () => 0))];
  const bytes = file.bytes();
  assert.deepEqual(slices, [
    { offset: 0, width: 3, height: 2 },
    { offset: 24, width: 2, height: 1 },
    { offset: 32, width: 0, height: 0 },
  ]);
  assert.equal(bytes.length, 32);
  assert.equal(Buffer.from(bytes).readFloatLE(4), Math.fround(1 / 3));
  const shifted = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3);
  assert.deepEqual(readSlice(shifted, slices[0]!), a);
  assert.deepEqual([...readSlice(bytes, slices[1]!).data], [Number.NaN, -0]);
  assert.throws(() => readSlice(bytes, { offset: 28, width: 2, height: 1 }), RangeError);
  assert.throws(() => file.add({ width: 2, height: 2, data: new Float32Array(3) }), RangeError);
});

test('paths are those of the reference, and layer folders never collide or escape', () => {
  const [plain, twin, upper, hostile, empty] = layerPaths([
    'block_00',
    'block_00',
    'BLOCK_00',
    '../../etc/passwd',
    '',
  ]);
  assert.equal(plain!.activation, 'steps/c_layers/block_00/image/activation.png');
  assert.equal(plain!.heatmap('xgradcam', true), 'steps/c_layers/block_00/heatmap/overlay.png');
  assert.equal(plain!.heatmap('gradcam++', false), 'steps/c_layers/block_00/heatmap/overlay_gradcampp.png');
  assert.equal(twin!.folder, 'steps/c_layers/block_00_2');
  assert.equal(upper!.folder, 'steps/c_layers/BLOCK_00_3');
  assert.match(hostile!.folder, /^steps\/c_layers\/[^/]+$/);
  assert.equal(empty!.folder, 'steps/c_layers/unnamed');
  assert.equal(waveletPlanePath('red'), 'steps/b_preprocess/dwt_red.png');
  assert.deepEqual(subjectPaths.face, {
    overlay: 'steps/a_input/retinaface_overlay.png',
    crop: 'steps/b_preprocess/cropped_face.png',
  });
});

test("stats.json and classifier.json repeat report.json's numbers", () => {
  const layer = referenceRun.layers[0]!;
  assert.deepEqual(layerStats(layer), {
    layer: 'conv_stem',
    operator: 'Conv',
    activation_shape: [1, 48, 190, 190],
    gradient_shape: [1, 48, 190, 190],
    activation: { mean: 0.125, std: 0.5, min: -1, max: 2, zeros: 0, nan: 0, inf: 0 },
    cams: [{ method: 'gradcam', mean: 0.01, std: 0.02, min: 0, max: 0.1, negative: 0.5, blank: false }],
    health: [],
  });
  assert.deepEqual(classifierStats(referenceRun), {
    logits: referenceRun.classifier.logits,
    probabilities: referenceRun.classifier.probabilities,
    labels: ['real', 'fake'],
    predicted_index: 0,
    predicted_label: 'real',
    class_confidence: 0.9278528094291687,
    target_index: 1,
    target_label: 'fake',
  });
});
