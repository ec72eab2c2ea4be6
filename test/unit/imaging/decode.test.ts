/** Image files: every format against cv2.imread, and every way in which a file can be wrong. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { LensError } from '../../../server/src/errors';
import { decodeImage } from '../../../server/src/imaging/decode';
import type { DecodeOptions } from '../../../server/src/imaging/decode';
import { GoldenArrays, maxAbsoluteDifference } from '../../support/golden';
import { temporaryFolder } from '../../support/temp';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'images');
const folder = temporaryFolder('decode');
const write = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const fixture = (name: string): Buffer => readFileSync(join(fixtures, name));

async function refused(path: string, found: RegExp, options?: DecodeOptions): Promise<LensError> {
  const error: unknown = await decodeImage(path, options).then(
    () => new Error(`${path} was decoded`),
    (e: unknown) => e,
  );
  assert.ok(error instanceof LensError, String(error));
  assert.equal(error.kind, 'image');
  assert.ok(error.message.includes(basename(path)), error.message);
  assert.match(error.message, found);
  assert.ok(error.fix !== undefined && error.fix.endsWith('.'));
  return error;
}

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
    await refused(path, /may not be read/);
  });
});

describe('damaged pictures', () => {
  const names = readdirSync(fixtures).filter((name) => !/^exif/.test(name));

  /** Refused as damaged, or every pixel is that of the whole file: what was cut was no pixel. */
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

describe('pictures that are too large', () => {
  const chunk = (type: string, content: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(content.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };

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
