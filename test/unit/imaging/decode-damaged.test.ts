/** Damaged pictures: refused as damaged, never a picture with less in it. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { LensError } from '../../../server/src/errors';
import { decodeImage } from '../../../server/src/imaging/decode';
import { fixture, fixtures, refused, write } from '../../support/image-files';

describe('damaged pictures', () => {
  const names = readdirSync(fixtures).filter((name) => !/^exif/.test(name));

  /** Refused as damaged, or every pixel is that of the whole file: what was cut was not a pixel. */
  async function cut(name: string, length: number): Promise<'refused' | 'whole'> {
    const path = write(name, fixture(name).subarray(0, length));
    try {
      const { image } = await decodeImage(path);
      assert.deepEqual(
        image,
        (await decodeImage(join(fixtures, name))).image,
        `${name} cut to ${length} bytes`,
      );
      return 'whole';
    } catch (error) {
      assert.ok(error instanceof LensError && error.kind === 'image', `${name}: ${String(error)}`);
      assert.match(error.message, / is (a damaged|not an image|a text file)/);
      return 'refused';
    }
  }

  test('cut off: refused, never a picture with less in it', async () => {
    for (const name of names) {
      const { length } = fixture(name);
      for (const share of [0.1, 0.5, 0.8]) {
        const outcome = await cut(name, Math.max(12, Math.floor(length * share)));
        // Pillow has libtiff write values at the end that nobody needs.
        if (name !== 'jpeg-ycbcr.tif') assert.equal(outcome, 'refused', name);
      }
    }
  });

  test('a TIFF cut anywhere is refused or whole', async () => {
    const outcomes = { refused: 0, whole: 0 };
    for (const name of [
      'lzw-tiles.tif',
      'deflate-strips.tif',
      'packbits.tif',
      'group4-noise.tif',
      'jpeg-ycbcr.tif',
      'planar.tif',
    ])
      for (let length = 8; length < fixture(name).length; length += 41) outcomes[await cut(name, length)]++;
    assert.ok(outcomes.refused > 50 && outcomes.whole < outcomes.refused, JSON.stringify(outcomes));
  });

  test('a GIF or PNM is refused wherever it is cut', async () => {
    for (const name of [
      'disposal-1.gif',
      'small-frame.gif',
      'binary.ppm',
      'ascii-max100.pgm',
      'binary.pbm',
    ]) {
      const file = fixture(name);
      for (let length = 8; length < file.length; length += file.length > 500 ? 17 : 1)
        await refused(write(name, file.subarray(0, length)), /is (a damaged|not an image|a text file)/);
    }
  });

  test('GIFs that lie', async () => {
    const lie = (change: (file: Buffer) => void) => {
      const file = Buffer.from(fixture('small-frame.gif'));
      change(file);
      return write('lie.gif', file);
    };
    // Screen of 7 bytes after the signature, 16 colors, the frame at 61.
    await refused(
      lie((f) => f.writeUInt16LE(0, 6)),
      /damaged GIF image: its size is 0 x 16 pixels/,
    );
    await refused(
      lie((f) => f.writeUInt16LE(65535, 8)),
      /first frame|24 x 65535|too large/,
      { maxPixels: 1e6 },
    );
    await refused(
      lie((f) => (f[11] = 16)),
      /its background color is not in its palette/,
    );
    await refused(
      lie((f) => f.writeUInt16LE(20, 62)),
      /its first frame leaves the canvas/,
    );
    await refused(
      lie((f) => (f[71] = 1)),
      /its LZW code size is 1/,
    );
    await refused(
      lie((f) => (f[71] = 12)),
      /its LZW code size is 12/,
    );
    await refused(
      lie((f) => (f[61] = 7)),
      /a block of unknown type 7/,
    );
    await refused(
      lie((f) => f.writeUInt16LE(6, 68)),
      /the file ends within its first frame/,
    );
  });

  test('flipped bytes: a picture of sane size or a LensError, nothing else', async () => {
    let state = 7;
    const random = (below: number) => (state = Math.imul(state, 48271) & 0x7fffffff) % below;
    let refusals = 0;
    for (const name of names) {
      for (let round = 0; round < 6; round++) {
        const file = Buffer.from(fixture(name));
        for (let i = 0; i < 3; i++) file[random(Math.min(file.length, 200))] = random(256);
        const path = write(name, file);
        try {
          const { image } = await decodeImage(path, { maxPixels: 1_000_000 });
          assert.equal(image.data.length, image.width * image.height * 3);
        } catch (error) {
          assert.ok(error instanceof LensError && error.kind === 'image', `${name}: ${String(error)}`);
          refusals++;
        }
      }
    }
    assert.ok(refusals > 0);
  });

  test('BMP headers that lie', async () => {
    const lie = (name: string, change: (file: Buffer) => void) => {
      const file = Buffer.from(fixture('rgb.bmp'));
      change(file);
      return write(name, file);
    };
    await refused(
      lie('w.bmp', (f) => f.writeInt32LE(-5, 18)),
      /^w\.bmp is a damaged BMP image: its size is -5 x 16/,
    );
    await refused(
      lie('d.bmp', (f) => f.writeUInt16LE(5, 28)),
      /^d\.bmp is a BMP image with 5 bits per pixel, which is not read/,
    );
    await refused(
      lie('c.bmp', (f) => f.writeUInt32LE(4, 30)),
      /^c\.bmp is a BMP image with an embedded JPEG, which is not read/,
    );
    await refused(
      lie('h.bmp', (f) => f.writeUInt32LE(13, 14)),
      /a header of 13 bytes/,
    );
    await refused(
      lie('o.bmp', (f) => f.writeUInt32LE(0xffffffff, 10)),
      /ends within its pixels/,
    );
    await refused(
      lie('big.bmp', (f) => f.writeInt32LE(2 ** 31 - 1, 18)),
      /^big\.bmp is too large: 2147483647 x 16/,
    );
    await refused(
      lie('tall.bmp', (f) => f.writeInt32LE(-(2 ** 31), 22)),
      /24 x 2147483648/,
    );
  });
});
