/** From raw map to overlay against PyTorch and OpenCV; the blank rules; the fast path against the four steps in a row. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLOR_MAPS } from '../../../server/src/imaging/color-maps';
import { decodeImage } from '../../../server/src/imaging/decode';
import { Heatmaps, ScaledMaps, minMax, relu, squareOf } from '../../../painting/heatmap';
import { Kernels } from '../../../server/src/imaging/kernels';
import type { FloatMap } from '../../../server/src/imaging/image';
import { resizeMap } from '../../../painting/resize-map';
import { GoldenArrays, goldenPath, maxAbsoluteDifference, readGolden } from '../../support/golden';
import type { Ranged } from '../../support/pictures';
import {
  colorise,
  gaussianBlur,
  heatmap,
  levelsOf,
  overlay,
  rawHeatmap,
  scaledMap,
  unit,
} from '../../support/pictures';

const golden = new GoldenArrays('imaging/heatmap');
const header = readGolden<{ mapLayers: string[]; vectorLayer: string; overlayLayer: string }>(
  'imaging/heatmap',
);
const SIDE = 380;

function goldenMap(key: string): FloatMap {
  const { data, shape } = golden.get(key);
  return { width: shape.at(-1)!, height: shape.length === 1 ? 1 : shape[0]!, data: Float32Array.from(data) };
}

/** Every `stride`-th row and column, as the golden keeps them. */
function strided(values: ArrayLike<number>, stride: number, channels = 1): number[] {
  const out: number[] = [];
  for (let y = 0; y < SIDE; y += stride) {
    for (let x = 0; x < SIDE; x += stride) {
      for (let c = 0; c < channels; c++) out.push(values[(y * SIDE + x) * channels + c]!);
    }
  }
  return out;
}

function assertLevels(map: Ranged, key: string): void {
  const levels = levelsOf(map);
  const expected = golden.get(key).data;
  assert.ok(maxAbsoluteDifference(levels, expected) <= 1, key);
  // A level differs only where 255 * v lies within rounding of an integer.
  const off = levels.reduce((count, level, i) => count + (level === expected[i] ? 0 : 1), 0);
  assert.ok(off / levels.length < 0.001, `${key}: ${off} of ${levels.length} levels differ`);
}

const sources = {
  ...Object.fromEntries(header.mapLayers.map((name) => [name, () => relu(goldenMap(`${name}/raw`))])),
  [header.vectorLayer]: () => minMax(squareOf(goldenMap(`${header.vectorLayer}/raw`).data)),
};

test('every stage equals PyTorch and OpenCV', () => {
  assert.equal(Object.keys(sources).length, 3);
  for (const [name, source] of Object.entries(sources)) {
    const resized = resizeMap(source(), SIDE, SIDE);
    const stages: Record<string, FloatMap> = {
      resized,
      scaled: minMax(resized),
      heat: heatmap(source(), SIDE, SIDE).map,
    };
    for (const [stage, map] of Object.entries(stages)) {
      const expected = golden.get(`${name}/${stage}`);
      const difference = maxAbsoluteDifference(strided(map.data, expected.stride!), expected.data);
      assert.ok(difference < 3e-6, `${name}/${stage}: ${difference}`);
    }
    assertLevels(rawHeatmap(source(), SIDE, SIDE), `${name}/levels`);
  }
});

test('the overlay equals OpenCV within one level, almost everywhere exactly', async () => {
  const { image } = await decodeImage(goldenPath('pipeline/crop.png'));
  const heat = rawHeatmap(sources[header.overlayLayer]!(), SIDE, SIDE);
  const out = overlay(image, heat, COLOR_MAPS.jet);
  const expected = golden.get(`${header.overlayLayer}/overlay`).data;
  const total = out.reduce((sum, v, i) => sum + Math.abs(v - expected[i]!), 0);
  assert.ok(total / out.length < 0.01, `${total / out.length} levels on average`);
  const jet = golden.get(`${header.overlayLayer}/jet`);
  const colors = strided(colorise(levelsOf(heat), COLOR_MAPS.jet), jet.stride!, 3);
  assert.ok(maxAbsoluteDifference(colors, jet.data) <= 4, 'neighboring colors of JET are 4 apart');
});

test('the activation picture equals OpenCV', () => {
  const shown = scaledMap(goldenMap('activation/mean'), SIDE, SIDE);
  assertLevels(shown, 'activation/levels');
  const viridis = golden.get('activation/viridis');
  const colors = strided(colorise(levelsOf(shown), COLOR_MAPS.viridis), viridis.stride!, 3);
  assert.ok(maxAbsoluteDifference(colors, viridis.data) <= 4);
});

test('a map without positive values is blank', () => {
  const heat = heatmap(relu(goldenMap('negative/raw')), SIDE, SIDE);
  assert.ok(heat.blank);
  assert.ok(heat.map.data.every((v) => v === 0));
  assert.equal(maxAbsoluteDifference(levelsOf(unit(heat.map)), golden.get('negative/levels').data), 0);
});

const make = (width: number, height: number, value: (i: number) => number): FloatMap => ({
  width,
  height,
  data: Float32Array.from({ length: width * height }, (_, i) => value(i)),
});

test('the combined resize and blur equals the four steps in a row, at every ratio', () => {
  const sizes = [
    [1, 2, 30, 20],
    [2, 1, 9, 9],
    [12, 12, 50, 50],
    [31, 17, 40, 60],
    [50, 40, 50, 40],
    [90, 70, 33, 21],
    [7, 7, 3, 5],
    [200, 3, 40, 40],
  ] as const;
  for (const [w, h, width, height] of sizes) {
    const map = make(w, h, (i) => Math.sin(i * 12.9898) * 43758.5453 + 1000);
    const steps = minMax(gaussianBlur(minMax(resizeMap(map, width, height))));
    const direct = heatmap(map, width, height);
    assert.equal(
      direct.blank,
      steps.data.every((v) => v === 0),
      `${w}x${h}`,
    );
    assert.ok(maxAbsoluteDifference(direct.map.data, steps.data) < 5e-6, `${w}x${h} -> ${width}x${height}`);
  }
});

test('every heatmap reaches from level 0 to level 255', () => {
  for (const scale of [1e-6, 0.1, 1, 3, 1e30]) {
    const levels = levelsOf(
      rawHeatmap(
        make(12, 12, (i) => Math.cos(i) * scale),
        60,
        60,
      ),
    );
    assert.equal(Math.min(...levels), 0, `${scale}`);
    assert.equal(Math.max(...levels), 255, `${scale}`);
  }
});

test('maps of several sizes after one another do not meet', () => {
  const kernels = new Kernels();
  const heatmaps = new Heatmaps(kernels, 30, 20);
  const scaled = new ScaledMaps(kernels, 30, 20);
  for (const side of [1, 3, 40, 2, 12, 40, 5]) {
    const map = make(side, side, (i) => Math.sin(i * 7.7));
    const alone = heatmap(map, 30, 20);
    const { room, min, max, blank } = heatmaps.of(map);
    const data = room.float32(30 * 20);
    assert.equal(blank, alone.blank);
    assert.deepEqual(
      data.map((v) => (v - min) / (max - min)),
      alone.map.data,
      `${side}`,
    );
    const expected = resizeMap(minMax(map), 30, 20).data;
    assert.ok(maxAbsoluteDifference(scaled.of(map).room.float32(30 * 20), expected) < 1e-6, `${side}`);
  }
});

test('blank: constant maps, ranges up to 1e-8, single pixels, and maps that vanish when resized', () => {
  assert.ok(
    heatmap(
      make(5, 5, () => 7),
      20,
      20,
    ).blank,
  );
  assert.ok(
    heatmap(
      make(1, 1, () => 7),
      20,
      20,
    ).blank,
  );
  assert.ok(
    heatmap(
      make(2, 2, (i) => i * 3e-9),
      20,
      20,
    ).blank,
  );
  assert.ok(
    !heatmap(
      make(2, 2, (i) => i * 3e-8),
      20,
      20,
    ).blank,
  );
  // One bright pixel in a corner that a 10:1 reduction steps over.
  assert.ok(
    heatmap(
      make(100, 100, (i) => (i === 0 ? 1 : 0)),
      10,
      10,
    ).blank,
  );
});

test('whether a heatmap is blank is known without drawing it', () => {
  const sizes = [
    [12, 12, 60],
    [1, 7, 9],
    [100, 100, 10],
    [3, 3, 3],
    [31, 17, 40],
  ] as const;
  const values: readonly ((i: number, last: number) => number)[] = [
    (i) => Math.cos(i),
    (i) => Number(i === 0),
    (i, last) => Number(i === last),
    () => 1,
    (i) => (i === 2 ? Number.NaN : i),
  ];
  const scales = [
    [1, 0],
    [1, -2],
    [1e-6, 0],
    [1e-7, 0],
    [3e-8, 0],
    [1e-9, 0],
    [1e30, 0],
    [1e-7, 5],
  ] as const;
  let blanks = 0;
  for (const [w, h, side] of sizes) {
    const heatmaps = new Heatmaps(new Kernels(), side, side);
    for (const [scale, offset] of scales)
      for (const value of values)
        for (const rectified of [true, false]) {
          const map = make(w, h, (i) => scale * value(i, w * h - 1) + offset);
          const blank = heatmaps.isBlank(map, rectified);
          assert.equal(
            blank,
            heatmaps.of(map, rectified).blank,
            JSON.stringify({ w, h, side, scale, offset }),
          );
          blanks += Number(blank);
        }
  }
  assert.ok(blanks > 50 && blanks < 350, `${blanks} blank ones`);
});

test('NaN and infinity give a blank picture, never a wrong one', () => {
  for (const bad of [Number.NaN, Infinity, -Infinity]) {
    const map = make(6, 6, (i) => (i === 20 ? bad : i));
    assert.deepEqual(heatmap(map, 12, 12), { map: make(12, 12, () => 0), blank: true });
    assert.ok(minMax(map).data.every((v) => v === 0));
    assert.ok(scaledMap(map, 12, 12).map.data.every((v) => v === 0));
  }
  assert.ok(Number.isNaN(relu(make(1, 1, () => Number.NaN)).data[0]));
});

test('vectors fill the next square with zeros at the end', () => {
  assert.deepEqual(
    squareOf(Float32Array.of(1, 2)),
    make(2, 2, (i) => [1, 2, 0, 0][i]!),
  );
  assert.equal(squareOf(new Float32Array(2048)).width, 46);
  assert.equal(squareOf(new Float32Array(9)).width, 3);
  assert.equal(squareOf(new Float32Array(0)).width, 1);
});

test("an overlay needs a map of the picture's size", () => {
  const picture = { width: 2, height: 2, data: new Uint8Array(12) };
  const map = make(2, 1, () => 0);
  assert.throws(() => overlay(picture, unit(map), COLOR_MAPS.jet), RangeError);
});
