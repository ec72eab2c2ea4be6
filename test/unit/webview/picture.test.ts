/** The inspector's colors against PyTorch and OpenCV; its zoom and its readings. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutMaps, decodeMap, readMap, type FloatMap } from '../../../webview/src/picture/floatMap';
import { activationLevels, heatLevels, signedLevels, squareOf } from '../../support/levels';
import { paint, palette } from '../../../webview/src/picture/palettes';
import { panBy, pictureAt, unzoomed, zoomAt } from '../../../webview/src/picture/zoom';
import { GoldenArrays, maxAbsoluteDifference, readGolden } from '../../support/golden';

const golden = new GoldenArrays('imaging/heatmap');
const { mapLayers, vectorLayer } = readGolden<{ mapLayers: string[]; vectorLayer: string }>(
  'imaging/heatmap',
);
const side = 380;

function raw(layer: string): FloatMap {
  const { data, shape } = golden.get(`${layer}/raw`);
  return { width: shape.at(-1)!, height: shape.length === 1 ? 1 : shape[0]!, data: Float32Array.from(data) };
}

for (const layer of [...mapLayers, vectorLayer]) {
  test(`the heatmap of ${layer} has the levels of PyTorch and OpenCV`, () => {
    const kind = layer === vectorLayer ? 'vector' : 'map';
    const heat = heatLevels(kind === 'vector' ? squareOf(raw(layer)) : raw(layer), side, kind);
    assert.ok(heat);
    const levels = heat.data.map((value) => Math.trunc(255 * value));
    const expected = golden.get(`${layer}/levels`).data;
    assert.ok(maxAbsoluteDifference(levels, expected) <= 1);
    const off = levels.reduce((count, level, i) => count + Number(level !== expected[i]), 0);
    assert.ok(off / levels.length < 0.001, `${off} levels differ`);
  });
}

test('the color tables are those of OpenCV', () => {
  const colors = new GoldenArrays('imaging/opencv');
  for (const name of ['jet', 'viridis'] as const) {
    assert.equal(maxAbsoluteDifference(palette(name), colors.get(`colours/${name}`).data), 0, name);
  }
});

test('every color table has 256 colors, and painting is opaque', () => {
  for (const name of ['jet', 'turbo', 'inferno', 'viridis', 'gray', 'signed'] as const) {
    assert.equal(palette(name).length, 768, name);
  }
  const pixels = paint(Float32Array.of(-1, 0, 0.5, 1, 2, Number.NaN), palette('gray'));
  assert.deepEqual(
    [...pixels].filter((_, i) => i % 4 === 0),
    [0, 0, 127, 255, 255, 0],
  );
  assert.ok([...pixels].every((value, i) => i % 4 !== 3 || value === 255));
});

test('a map without range, or with something that is not a number, is blank', () => {
  const flat = { width: 2, height: 2, data: new Float32Array(4).fill(3) };
  const broken = { width: 2, height: 1, data: Float32Array.of(1, Number.NaN) };
  const negative = { width: 2, height: 1, data: Float32Array.of(-1, -2) };
  assert.equal(heatLevels(flat, 8, 'map'), null);
  assert.equal(heatLevels(broken, 8, 'map'), null);
  assert.equal(heatLevels(negative, 8, 'map'), null);
  assert.equal(activationLevels(flat, 8), null);
  assert.equal(signedLevels({ ...flat, data: new Float32Array(4) }, 8), null);
});

test('signed levels put zero in the middle and the larger side at its end', () => {
  const levels = signedLevels({ width: 3, height: 1, data: Float32Array.of(-2, 0, 1) }, 3);
  assert.deepEqual([...levels!.data.slice(0, 3)], [0, 0.5, 0.75]);
});

test('planes are cut one behind the other; none where bytes are missing', () => {
  const bytes = Float32Array.of(1, 2, 3, 4).buffer;
  const cut = cutMaps(bytes, [
    { width: 3, height: 1 },
    { width: 1, height: 1 },
  ]);
  assert.deepEqual(
    cut.map(({ width, height, data }) => [width, height, [...data]]),
    [
      [3, 1, [1, 2, 3]],
      [1, 1, [4]],
    ],
  );
  for (const size of [
    { width: 3, height: 1 },
    { width: 5, height: 1 },
    { width: 0, height: 0 },
    { width: -2, height: -2 },
    { width: 0.5, height: 8 },
  ])
    assert.deepEqual(cutMaps(bytes, [size]), [], JSON.stringify(size));
});

test('base64 that holds another number of values is refused', () => {
  const text = Buffer.from(Float32Array.of(1.5, -2).buffer).toString('base64');
  assert.deepEqual([...decodeMap(text, 2, 1)!.data], [1.5, -2]);
  assert.equal(decodeMap(text, 3, 1), null);
});

test('the value under the cursor is that of its cell, up to the edges', () => {
  const map = { width: 2, height: 2, data: Float32Array.of(1, 2, 3, 4) };
  assert.deepEqual(readMap(map, 0, 0), { column: 0, row: 0, value: 1 });
  assert.deepEqual(readMap(map, 0.5, 0.49), { column: 1, row: 0, value: 2 });
  assert.deepEqual(readMap(map, 1, 1), { column: 1, row: 1, value: 4 });
});

test('zooming keeps the point under the cursor, and the picture covers its frame', () => {
  const zoomed = zoomAt(unzoomed, 4, 0.25, 0.75);
  const at = pictureAt(zoomed, 0.25, 0.75);
  assert.ok(Math.abs(at.u - 0.25) < 1e-12 && Math.abs(at.v - 0.75) < 1e-12);
  assert.deepEqual(panBy(zoomed, 10, 10), { scale: 4, x: 0, y: 0 });
  assert.deepEqual(panBy(zoomed, -10, -10), { scale: 4, x: -3, y: -3 });
  assert.deepEqual(zoomAt(zoomed, 1 / 100, 0.9, 0.1), unzoomed);
});
