/** Image files: every format against cv2.imread, and what is noted of a file. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import sharp from 'sharp';
import { decodeImage } from '../../../server/src/imaging/decode';
import { GoldenArrays, maxAbsoluteDifference } from '../../support/golden';
import { chunk, fixture, fixtures, folder, write } from '../../support/image-files';

describe('every fixture equals cv2.imread', () => {
  const golden = new GoldenArrays('imaging/decode');

  test('all fixtures are compared', () => {
    assert.deepEqual(readdirSync(fixtures).sort(), [...golden.keys].sort());
  });

  for (const name of golden.keys) {
    test(name, async () => {
      const expected = golden.get(name);
      const decoded = await decodeImage(join(fixtures, name));
      assert.deepEqual([decoded.height, decoded.width, 3], expected.shape);
      assert.equal(decoded.image.width, decoded.width);
      const difference = maxAbsoluteDifference(decoded.image.data, expected.data);
      // Exact on x64, where both use libjpeg-turbo's integer DCT.
      const tolerance = /\.jpg$|^lossy\.webp|^jpeg-/.test(name) && process.arch !== 'x64' ? 2 : 0;
      assert.ok(difference <= tolerance, `${difference} levels`);
      const file = fixture(name);
      assert.equal(decoded.bytes, file.length);
      assert.equal(decoded.sha256, createHash('sha256').update(file).digest('hex'));
      const orientation = /^(?:exif|orientation)-(\d)/.exec(name)?.[1] ?? '1';
      assert.equal(decoded.exifOrientation, Number(orientation));
    });
  }
});

test('what the file was like', async () => {
  const rows = [
    [
      'rgb-16bit.png',
      { format: 'png', bitDepth: 16, colorSpace: 'rgb16', hadAlpha: false, frames: 1, notes: [] },
    ],
    [
      'grey-1bit.png',
      { format: 'png', bitDepth: 1, colorSpace: 'b-w', hadAlpha: false, frames: 1, notes: [] },
    ],
    ['cmyk.jpg', { format: 'jpeg', bitDepth: 8, colorSpace: 'cmyk', hadAlpha: false, frames: 1, notes: [] }],
    [
      'rgba.png',
      {
        format: 'png',
        bitDepth: 8,
        colorSpace: 'srgb',
        hadAlpha: true,
        frames: 1,
        notes: ['alpha-dropped'],
      },
    ],
    [
      'lossy.avif',
      { format: 'avif', bitDepth: 8, colorSpace: 'srgb', hadAlpha: false, frames: 1, notes: [] },
    ],
    ['bits-4.bmp', { format: 'bmp', bitDepth: 4, colorSpace: 'srgb', hadAlpha: false, frames: 1, notes: [] }],
    ['lzw.tif', { format: 'tiff', bitDepth: 8, colorSpace: 'srgb', hadAlpha: false, frames: 1, notes: [] }],
  ] as const;
  for (const [name, expected] of rows) {
    const { format, bitDepth, colorSpace, hadAlpha, frames, notes } = await decodeImage(join(fixtures, name));
    const found = { format, bitDepth, colorSpace, hadAlpha, frames, notes: notes.map(({ code }) => code) };
    assert.deepEqual(found, expected, name);
  }
  const gif = await decodeImage(join(fixtures, 'two-frames.gif'));
  assert.equal(gif.frames, 2);
  assert.match(gif.notes[0]?.message ?? '', /2 frames; the first/);
});

test('an opaque alpha channel is not worth a note; a profile is, and does not change the pixels', async () => {
  const plain = await decodeImage(join(fixtures, 'rgb.png'));
  const opaque = await sharp(fixture('rgb.png')).ensureAlpha().png().toBuffer();
  const withAlpha = await decodeImage(write('opaque.png', opaque));
  assert.equal(withAlpha.hadAlpha, true);
  assert.deepEqual(withAlpha.notes, []);
  assert.deepEqual(withAlpha.image, plain.image);
  const wide = await sharp(fixture('rgb.png')).withIccProfile('p3', { attach: true }).png().toBuffer();
  const stored = await sharp(wide, { ignoreIcc: true }).raw().toBuffer();
  const profiled = await decodeImage(write('p3.png', wide));
  assert.deepEqual(
    profiled.notes.map(({ code }) => code),
    ['color-profile-ignored'],
  );
  assert.ok(stored.equals(profiled.image.data));
});

test('the name does not matter, the content does', async () => {
  const path = join(folder, 'picture.txt');
  copyFileSync(join(fixtures, 'rgb-444.jpg'), path);
  assert.equal((await decodeImage(path)).format, 'jpeg');
});

test('an animated PNG: the first frame, and a note', async () => {
  const plain = fixture('rgb.png');
  const afterHeader = 8 + 25;
  const control = Buffer.from([0, 0, 0, 3, 0, 0, 0, 0]); // three frames, for ever
  const animated = Buffer.concat([
    plain.subarray(0, afterHeader),
    chunk('acTL', control),
    plain.subarray(afterHeader),
  ]);
  const { frames, notes, image } = await decodeImage(write('animated.png', animated));
  assert.equal(frames, 3);
  assert.match(notes[0]?.message ?? '', /3 frames; the first/);
  assert.deepEqual(image, (await decodeImage(join(fixtures, 'rgb.png'))).image);
});
