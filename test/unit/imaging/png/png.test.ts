/** PNG files that libvips reads back pixel for pixel. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { COLOR_MAPS } from '../../../../server/src/imaging/color-maps';
import { encodeBands, encodeRgbPng } from '../../../../server/src/imaging/png/png';
import { PngEncoder } from '../../../../server/src/imaging/png/encoder';
import { colorise } from '../../../support/pictures';

const encoder = new PngEncoder();

const bytes = (length: number, value: (i: number) => number) =>
  Uint8Array.from({ length }, (_, i) => value(i));
const noise = (i: number) => (Math.imul(i + 1, 2654435761) >>> 24) & 255;
const smooth = (i: number) => (i / 97) & 255;

const sizes = [
  [1, 1],
  [1, 9],
  [9, 1],
  [37, 23],
  [380, 380],
] as const;

test('RGB', async () => {
  for (const [width, height] of sizes) {
    for (const value of [noise, smooth, () => 255]) {
      const data = bytes(width * height * 3, value);
      const { data: read, info } = await sharp(await encodeRgbPng({ width, height, data }))
        .raw()
        .toBuffer({ resolveWithObject: true });
      assert.deepEqual([info.width, info.height, info.channels], [width, height, 3]);
      assert.ok(read.equals(data), `${width}x${height}`);
    }
  }
});

test('grey', async () => {
  for (const [width, height] of sizes) {
    const data = bytes(width * height, noise);
    const png = encoder.gray({ width, height, data });
    assert.equal((await sharp(png).metadata()).space, 'b-w');
    assert.ok((await sharp(png).toColourspace('b-w').raw().toBuffer()).equals(data), `${width}x${height}`);
  }
});

test('indexed: a quarter of the colors, the same pixels', async () => {
  for (const [width, height] of sizes) {
    const levels = { width, height, data: bytes(width * height, smooth) };
    const png = encoder.indexed(levels, COLOR_MAPS.viridis);
    assert.ok((await sharp(png).metadata()).isPalette);
    assert.ok((await sharp(png).raw().toBuffer()).equals(colorise(levels.data, COLOR_MAPS.viridis)));
  }
});

test('a picture of several slices, while other work goes on', async () => {
  const [width, height] = [2000, 1500];
  const data = bytes(width * height * 3, smooth);
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const png = await encodeRgbPng({ width, height, data });
  clearInterval(timer);
  assert.ok(turns > 0);
  assert.ok((await sharp(png).raw().toBuffer()).equals(data));
});

test('smooth pictures become small', () => {
  const plane = { width: 380, height: 380, data: bytes(380 * 380, (i) => (i / 380) & 255) };
  assert.ok(encoder.indexed(plane, COLOR_MAPS.jet).length < 5000);
});

test('a picture like another one takes over the bands in which they do not differ', async () => {
  const [width, height] = [700, 1500];
  const original = { width, height, data: bytes(width * height * 3, noise) };
  const first = await encodeBands(original, encoder);
  assert.ok(first.bands.length > 3);
  for (const row of [0, 374, 748, 749, 1499]) {
    const data = original.data.slice();
    data[row * width * 3 + 1000]! ^= 0x55;
    const second = await encodeBands({ width, height, data }, encoder, first);
    const kept = second.bands.filter((band, i) => band === first.bands[i]).length;
    assert.ok(kept >= first.bands.length - 2 && kept < first.bands.length, `row ${row}: ${kept} kept`);
    assert.ok((await sharp(second.bytes).raw().toBuffer()).equals(data), `row ${row}`);
  }
  const narrow = { width: 350, height: 3000, data: original.data };
  const other = await encodeBands(narrow, encoder, first);
  assert.ok((await sharp(other.bytes).raw().toBuffer()).equals(original.data), 'of another size');
});

test('data that does not fit the size is refused', async () => {
  await assert.rejects(encodeRgbPng({ width: 2, height: 2, data: new Uint8Array(4) }), RangeError);
  assert.throws(() => encoder.gray({ width: 0, height: 2, data: new Uint8Array(0) }), RangeError);
});
