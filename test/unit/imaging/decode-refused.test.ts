/** Files that are no picture, or none that is read: each refused as what it is. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { decodeImage } from '../../../server/src/imaging/decode';
import { chunk, fixture, fixtures, folder, refused, write } from '../../support/image-files';

describe('files that are no picture', () => {
  test('missing', async () => {
    await refused(join(folder, 'nowhere.png'), /^There is no file \/.*\.png\.$/);
  });
  test('below a file', async () => {
    await refused(join(write('f', 'x'), 'a.png'), /^There is no file \/.*\.png\.$/);
  });
  test('a directory', async () => {
    mkdirSync(join(folder, 'd.png'));
    await refused(join(folder, 'd.png'), /^d\.png is a folder, not an image\.$/);
  });
  test('empty', async () => {
    await refused(write('empty.jpg', ''), /^empty\.jpg is an empty file \(0 bytes\)\.$/);
  });
  test('text', async () => {
    await refused(write('text.png', 'hello, world\n'), /^text\.png is a text file, not an image\.$/);
  });
  test('SVG', async () => {
    for (const head of [
      '',
      '<?xml version="1.0"?>\n',
      '\ufeff',
      '<!-- a > b -->\n <!DOCTYPE svg PUBLIC "x">\n',
    ]) {
      const error = await refused(
        write('a.png', `${head}<svg xmlns="http://www.w3.org/2000/svg"/>`),
        /^a\.png is an SVG drawing, which is not read\.$/,
      );
      assert.match(error.fix ?? '', /Export it as PNG/);
    }
  });
  test('other formats by name', async () => {
    await refused(write('a.pdf', '%PDF-1.7'), /^a\.pdf is a PDF document, not an image\.$/);
    await refused(write('a.zip', 'PK\x03\x04'), /a ZIP archive/);
    await refused(
      write('a.heic', '\0\0\0\x18ftypheic\0\0\0\0mif1heic'),
      /^a\.heic is a HEIC image, which is not read\.$/,
    );
    await refused(write('a.mp4', '\0\0\0\x18ftypisom\0\0\0\0isomiso2'), /a video/);
    await refused(write('a.wav', 'RIFF\0\0\0\0WAVEfmt '), /other than WebP/);
    await refused(
      write('a.bin', Buffer.from([1, 2, 3, 0, 255])),
      /^a\.bin is not an image of a known format: it begins with 01 02 03 00 ff\.$/,
    );
  });
  test('a pipe is refused, not waited for', async (t) => {
    if (process.platform === 'win32') {
      t.skip('needs mkfifo');
      return;
    }
    execFileSync('mkfifo', [join(folder, 'pipe.png')]);
    await refused(join(folder, 'pipe.png'), /a device, pipe or socket/);
    await refused('/dev/zero', /a device, pipe or socket/);
  });
  test('no permission', async (t) => {
    if (process.platform === 'win32' || process.getuid?.() === 0) {
      t.skip('needs a user whom permissions stop (not root)');
      return;
    }
    const path = write('secret.png', fixture('rgb.png'));
    chmodSync(path, 0o000);
    await refused(path, /cannot be read: permission denied/);
  });
});

describe('pictures that are too large', () => {
  test('a 40,000x40,000 PNG header is refused from its header alone', async () => {
    const header = Buffer.from([0, 0, 0x9c, 0x40, 0, 0, 0x9c, 0x40, 8, 2, 0, 0, 0]);
    const png = Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(Buffer.alloc(1000))),
      chunk('IEND', Buffer.alloc(0)),
    ]);
    const before = process.memoryUsage.rss();
    const error = await refused(
      write('bomb.png', png),
      /^bomb\.png is too large: 40000 x 40000 pixels \(1,600 megapixels\)/,
    );
    assert.match(error.message, /the limit of 100 megapixels/);
    assert.ok(process.memoryUsage.rss() - before < 500e6, 'no pixel memory was taken');
  });

  test("the limit is the caller's", async () => {
    const path = join(fixtures, 'rgb.png');
    await refused(path, /24 x 16/, { maxPixels: 383 });
    for (const maxPixels of [384, Infinity]) assert.equal((await decodeImage(path, { maxPixels })).width, 24);
  });
});

test('floating-point samples are refused with a fix', async () => {
  // A little-endian TIFF of one pixel: the tags that the baseline needs, BitsPerSample 32, SampleFormat 3 (IEEE).
  const tags = [
    [256, 1],
    [257, 1],
    [258, 32],
    [259, 1],
    [262, 1],
    [273, 8 + 2 + 10 * 12 + 4],
    [277, 1],
    [278, 1],
    [279, 4],
    [339, 3],
  ] as const;
  const file = Buffer.alloc(8 + 2 + tags.length * 12 + 4 + 4);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(tags.length, 8);
  tags.forEach(([tag, value], i) => {
    const at = 10 + i * 12;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(4, at + 2);
    file.writeUInt32LE(1, at + 4);
    file.writeUInt32LE(value, at + 8);
  });
  file.writeFloatLE(0.5, file.length - 4);
  const error = await refused(
    write('float.tif', file),
    /float\.tif is a TIFF image with floating-point samples of 32 bits, which is not read/,
  );
  assert.match(error.fix ?? '', /8 or 16 bits/);
});

test('cancelled before reading', async () => {
  const signal = AbortSignal.abort();
  await assert.rejects(decodeImage(join(fixtures, 'rgb.png'), { signal }), {
    name: 'LensError',
    kind: 'cancelled',
  });
});
