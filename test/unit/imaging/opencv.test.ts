/** Resize, blur, color maps, drawing and blending against OpenCV's and PyTorch's own results. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLOR_MAPS } from '../../../server/src/imaging/color-maps';
import { drawBox, drawDot, hullMask } from '../../../server/src/imaging/draw';
import type { Box, FloatMap, RgbImage } from '../../../server/src/imaging/image';
import { resizeMap } from '../../../painting/resize-map';
import { resizeRgb } from '../../../server/src/imaging/resize';
import type { GoldenArray } from '../../support/golden';
import { GoldenArrays, maxAbsoluteDifference, readGolden, relativeL2 } from '../../support/golden';
import { gaussianBlur, overlay } from '../../support/pictures';

interface Header {
  readonly resizes: readonly Sizes[];
  readonly interpolations: readonly Sizes[];
  readonly blurs: readonly Size[];
  readonly hulls: readonly (readonly (readonly [number, number])[])[];
  readonly boxes: readonly Box[];
  readonly dots: readonly (readonly [number, number])[];
}
type Size = readonly [height: number, width: number];
interface Sizes {
  readonly source: Size;
  readonly target: Size;
}

const header = readGolden<Header>('imaging/opencv');
const golden = new GoldenArrays('imaging/opencv');
const name = ([height, width]: Size) => `${height}x${width}`;

const rgb = ({ data, shape }: GoldenArray): RgbImage => ({
  width: shape[1]!,
  height: shape[0]!,
  data: Uint8Array.from(data),
});
const map = ({ data, shape }: GoldenArray): FloatMap => ({
  width: shape[1]!,
  height: shape[0]!,
  data: Float32Array.from(data),
});

test('resizeRgb equals cv2.resize bit for bit', () => {
  assert.ok(header.resizes.length >= 9);
  for (const { source, target } of header.resizes) {
    const key = `resize/uint8/${name(source)}-${name(target)}`;
    const out = resizeRgb(rgb(golden.get(`${key}/in`)), target[1], target[0]);
    assert.equal(maxAbsoluteDifference(out.data, golden.get(`${key}/out`).data), 0, key);
  }
});

test('resizeMap equals cv2.resize on float32 and PyTorch, up to the rounding of float32 positions', () => {
  const cases = [
    ...header.resizes.map((sizes) => ['resize/float32', sizes] as const),
    ...header.interpolations.map((sizes) => ['interpolate', sizes] as const),
  ];
  for (const [kind, { source, target }] of cases) {
    const key = `${kind}/${name(source)}-${name(target)}`;
    const out = resizeMap(map(golden.get(`${key}/in`)), target[1], target[0]);
    // Both libraries compute positions in float32, PyTorch with an error that grows with the source's side.
    assert.ok(relativeL2(out.data, golden.get(`${key}/out`).data) < 5e-6, key);
  }
});

test('gaussianBlur equals cv2.GaussianBlur, borders included', () => {
  for (const size of header.blurs) {
    const out = gaussianBlur(map(golden.get(`blur/${name(size)}/in`)));
    assert.ok(maxAbsoluteDifference(out.data, golden.get(`blur/${name(size)}/out`).data) < 1e-6, name(size));
  }
});

test("JET and VIRIDIS are OpenCV's", () => {
  for (const colors of ['jet', 'viridis'] as const) {
    assert.deepEqual([...COLOR_MAPS[colors]], [...Uint8Array.from(golden.get(`colours/${colors}`).data)]);
  }
  for (const table of Object.values(COLOR_MAPS)) assert.equal(table.length, 768);
  assert.deepEqual([...COLOR_MAPS.gray.subarray(381, 387)], [127, 127, 127, 128, 128, 128]);
});

test('hullMask fills what convexHull and fillConvexPoly fill', () => {
  header.hulls.forEach((points, i) => {
    const mask = hullMask(
      points.map(([x, y]) => ({ x, y })),
      64,
      64,
    );
    const expected = golden.get(`hull/${i}`).data;
    const inside = points.every(([x, y]) => x >= 0 && y >= 0 && x < 64 && y < 64);
    if (inside) {
      assert.equal(maxAbsoluteDifference(mask.data, expected), 0, `hull ${i}`);
      return;
    }
    // OpenCV clips an edge to the picture before it rounds, which moves single pixels of the outline.
    const off = mask.data.reduce((count, value, at) => count + (value === expected[at] ? 0 : 1), 0);
    assert.ok(off <= 20, `hull ${i}: ${off} pixels`);
  });
});

test('boxes and dots are the pixels of cv2.rectangle and cv2.circle', () => {
  const canvas = golden.get('draw/canvas');
  header.boxes.forEach((box, i) => {
    const picture = rgb(canvas);
    drawBox(picture, box);
    assert.equal(maxAbsoluteDifference(picture.data, golden.get(`draw/box/${i}`).data), 0, `box ${i}`);
  });
  header.dots.forEach(([x, y], i) => {
    const picture = rgb(canvas);
    drawDot(picture, { x, y });
    assert.equal(maxAbsoluteDifference(picture.data, golden.get(`draw/dot/${i}`).data), 0, `dot ${i}`);
  });
});

test('half and half is cv2.addWeighted', () => {
  const below = rgb(golden.get('blend/below'));
  const above = rgb(golden.get('blend/above'));
  // As many pixels of `above` at a time as a table has colors, each under its own level.
  const out = new Uint8Array(below.data.length);
  for (let start = 0; start < out.length; start += 768) {
    const data = below.data.slice(start, start + 768);
    const width = data.length / 3;
    const levels = Float32Array.from({ length: width }, (_, i) => i);
    const table = new Uint8Array(768);
    table.set(above.data.subarray(start, start + 768));
    const map = { width, height: 1, data: levels };
    out.set(overlay({ width, height: 1, data }, { map, min: 0, max: 255 }, table), start);
  }
  assert.equal(maxAbsoluteDifference(out, golden.get('blend/out').data), 0);
});
