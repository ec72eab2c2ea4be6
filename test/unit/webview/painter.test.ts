/** The pixels that the panel paints from raw maps are those of the pictures in a report's folder. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import type { FloatMap } from '../../../painting/float-map';
import { LayerPainter } from '../../../server/src/report/layer-pictures';
import { Painter } from '../../../webview/src/picture/painter';
import { onScale, shownMap } from '../../../webview/src/picture/shown';

const wave = (width: number, height: number, scale: number, seed: number): FloatMap => ({
  width,
  height,
  data: Float32Array.from({ length: width * height }, (_, i) => scale * Math.sin(seed + 1.7 * i + i * i)),
});

const blankMap = { width: 3, height: 2, data: new Float32Array(6).fill(-2) };
const broken = { ...blankMap, data: Float32Array.of(1, 2, NaN, 3, 4, 5) };
const maps: readonly (readonly [string, FloatMap])[] = [
  ['12 x 12', wave(12, 12, 3e-4, 1)],
  ['one row', wave(9, 1, 40, 2)],
  ['larger than the picture', wave(150, 120, 1, 3)],
  ['tiny values', wave(7, 7, 1e-7, 4)],
  ['all negative', blankMap],
  ['a value that is no number', broken],
];

const pixelsOf = async (png: Uint8Array): Promise<Buffer> =>
  sharp(png).toColorspace('srgb').removeAlpha().raw().toBuffer();

const rgbOf = (rgba: Uint8ClampedArray): Buffer =>
  Buffer.from(rgba.filter((value, i) => i % 4 !== 3 || (assert.equal(value, 255), false)));

for (const [width, height] of [
  [64, 64],
  [97, 41],
] as const)
  test(`every pixel, at ${width} x ${height}`, async () => {
    const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 2654435761) >>> 24);
    const rgba = new Uint8ClampedArray(4 * width * height).fill(255);
    for (let i = 0; i < width * height; i++) rgba.set(data.subarray(3 * i, 3 * i + 3), 4 * i);
    const drawn = new LayerPainter({ width, height, data });
    const painter = new Painter();
    const blank = { values: new Float32Array(width * height), range: { min: 0, max: 1 } };
    const drawing = { signed: false, cells: false, width, height } as const;
    for (const [name, map] of maps) {
      const cams = [{ method: 'gradcam', map }] as const;
      const pictures = drawn.paint({ activation: map, cams, vector: null });
      const heat = shownMap(painter, map, { ...drawing, kind: 'heatmap' });
      const overlay = await pixelsOf(pictures.overlays[0]!.picture);
      assert.ok(rgbOf(painter.blended(heat ?? blank, 'jet', rgba)).equals(overlay), `overlay: ${name}`);
      assert.equal(heat === null, pictures.overlays[0]!.blank, name);
      const activation = shownMap(painter, map, { ...drawing, kind: 'activation' });
      const colors = await pixelsOf(pictures.activation);
      assert.ok(rgbOf(painter.colored(activation ?? blank, 'viridis')).equals(colors), `activation: ${name}`);
    }
  });

test('on a scale of another layer, values beyond its ends get the colors of the ends', () => {
  const painter = new Painter();
  const map = wave(8, 8, 1, 5);
  const size = { width: 24, height: 24 };
  const own = shownMap(painter, map, { kind: 'activation', signed: false, cells: true, ...size });
  assert.ok(own);
  const pixels = painter.colored(onScale(own, -0.25, 0.5), 'gray');
  own.values.forEach((value, i) => {
    const level = Math.min(255, Math.max(0, Math.trunc((255 * (value + 0.25)) / 0.75)));
    assert.ok(Math.abs((pixels[4 * i] ?? NaN) - level) <= 1, `${value}: ${pixels[4 * i]}, expected ${level}`);
  });
});
