/** Files that are no image, images that are not read, and readings that OpenCV has no value for. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import sharp from 'sharp';
import { LensError } from '../../../server/src/errors';
import { decodeImage } from '../../../server/src/imaging/decode';
import { GoldenArrays } from '../../support/golden';
import { sharedFile } from '../../support/shared';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('formats');

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? Buffer.from(content, 'latin1') : content);
  return path;
}

async function refusal(path: string): Promise<LensError> {
  const outcome: unknown = await decodeImage(path).catch((error: unknown) => error);
  assert.ok(outcome instanceof LensError && outcome.kind === 'image', `${path} was decoded`);
  return outcome;
}

describe('an image that is not read is named, with a way out', () => {
  for (const [name, head, kind] of [
    ['x.jxl', '\xff\x0a\xfa\x7f', 'a JPEG XL image'],
    ['x.jxl', '\0\0\0\x0cJXL \r\n\x87\n', 'a JPEG XL image'],
    ['x.jp2', '\0\0\0\x0cjP  \r\n\x87\n', 'a JPEG 2000 image'],
    ['x.j2k', '\xff\x4f\xff\x51\0\x2f', 'a JPEG 2000 codestream'],
    ['x.heic', '\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'a HEIC image'],
    ['x.heif', '\0\0\0\x18ftypmif1\0\0\0\0mif1heic', 'a HEIC image'],
    ['x.exr', 'v/1\x01\x02\0\0\0', 'an OpenEXR image'],
    ['x.hdr', '#?RADIANCE\nFORMAT', 'a Radiance HDR image'],
    ['x.pam', 'P7\nWIDTH 1\n', 'a PAM image'],
    ['x.pfm', 'PF\n1 1\n-1.0\n', 'a PFM image'],
    ['x.psd', '8BPS\0\x01', 'a Photoshop document'],
  ] as const)
    test(`${name}: ${kind}`, async () => {
      const { message, fix } = await refusal(write(name, head));
      assert.equal(message, `${name} is ${kind}, which is not read.`);
      assert.match(fix ?? '', /^Convert it to (JPEG or )?PNG/);
    });
});

test('unsupported, damaged, too large and no image are four sentences', async () => {
  const png = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#123456' } })
    .png()
    .toBuffer();
  const found = [
    (await refusal(write('a.jp2', '\0\0\0\x0cjP  \r\n\x87\n'))).message,
    (await refusal(write('a.png', png.subarray(0, 60)))).message,
    (await refusal(write('a.pgm', 'P5 20000 20000 255 '))).message,
    (await refusal(write('text.png', 'hello'))).message,
    (await refusal(join(folder, 'none.png'))).message,
  ];
  assert.match(found[1] ?? '', /^a\.png is a damaged PNG image: its decoder reports "/);
  assert.deepEqual(
    found.filter((_, i) => i !== 1),
    [
      'a.jp2 is a JPEG 2000 image, which is not read.',
      'a.pgm is too large: 20000 x 20000 pixels (400 megapixels), above the limit of 100 megapixels.',
      'text.png is a text file, not an image.',
      `There is no file ${join(folder, 'none.png')}.`,
    ],
  );
});

describe("ImageMagick's RLE8 BMPs, whose runs are padded to four pixels", () => {
  const [width, height] = [21, 6];
  const row = (y: number): number[] => Array.from({ length: width }, (_, x) => (x * 7 + y * 3) >> 4);
  /** Runs of equal pixels; `pad` more at the end, as a continued run or as one of its own. */
  const runs = (pixels: readonly number[], pad: number, joined: boolean): number[] => {
    const all = [...pixels, ...new Array<number>(pad).fill(joined ? (pixels.at(-1) ?? 0) : 250)];
    const out: number[] = [];
    for (let x = 0; x < all.length;) {
      let end = x;
      while (end < all.length && all[end] === all[x]) end++;
      out.push(end - x, all[x] as number);
      x = end;
    }
    return out;
  };
  const bmp = (pixels: readonly number[], compression: number): Buffer => {
    const head = Buffer.alloc(54);
    head.write('BM', 'latin1');
    head.writeUInt32LE(54 + 1024, 10);
    head.writeUInt32LE(40, 14);
    head.writeInt32LE(width, 18);
    head.writeInt32LE(height, 22);
    head.writeUInt16LE(1, 26);
    head.writeUInt16LE(8, 28);
    head.writeUInt32LE(compression, 30);
    const palette = Buffer.from(Array.from({ length: 1024 }, (_, i) => (i * 37) % 251));
    return Buffer.concat([head, palette, Buffer.from(pixels)]);
  };
  const rows = Array.from({ length: height }, (_, y) => row(y));
  const plain = bmp(
    rows.flatMap((pixels) => [...pixels, 0, 0, 0]),
    0,
  );

  for (const [what, joined] of [
    ['as part of the last run', true],
    ['as a run of their own', false],
  ] as const)
    test(what, async () => {
      const expected = await decodeImage(write('plain.bmp', plain));
      const padded = rows.flatMap((pixels) => [...runs(pixels, 3, joined), 0, 0]);
      const { image } = await decodeImage(write('padded.bmp', bmp([...padded, 0, 1], 1)));
      assert.deepEqual(image, expected.image);
    });

  test('more than padding is damage', async () => {
    const padded = rows.flatMap((pixels) => [...runs(pixels, 4, true), 0, 0]);
    const { message } = await refusal(write('over.bmp', bmp([...padded, 0, 1], 1)));
    assert.equal(message, 'over.bmp is a damaged BMP image: its run lengths leave the picture.');
  });

  test('the file that was refused', async (t) => {
    const path = sharedFile(t, 'cases/bmp-rle-padded-rows/rle8_padded.bmp');
    if (path === null) return;
    const { width: w, height: h } = await decodeImage(path);
    assert.deepEqual([w, h], [61, 20]);
  });
});

describe('AVIF boxes', () => {
  const fixture = (name: string): Buffer =>
    readFileSync(join(__dirname, '..', '..', 'fixtures', 'images', name));
  const golden = new GoldenArrays('imaging/decode');

  test('an animated file says how many frames it has', async () => {
    const { frames, notes } = await decodeImage(write('a.avif', fixture('avif-animated.avif')));
    assert.equal(frames, 2);
    assert.deepEqual(
      notes.map(({ code }) => code),
      ['first-frame-only'],
    );
  });

  test('a sequence whose first frame is not the still picture is refused by name', async () => {
    const file = fixture('avif-animated.avif');
    const offsets = file.indexOf('stco');
    file.writeUInt32BE(file.readUInt32BE(offsets + 12) + 1, offsets + 12);
    const { message } = await refusal(write('b.avif', file));
    assert.equal(
      message,
      'b.avif is an AVIF image with a sequence whose first frame is not a picture of its own, which is not read.',
    );
  });

  test('matrix coefficients that libyuv lacks are left to libheif, within its accuracy', async () => {
    const file = fixture('lossy.avif');
    file.writeUInt16BE(4, file.indexOf('colrnclx') + 12); // FCC, close to BT.601
    const { image } = await decodeImage(write('c.avif', file));
    const expected = golden.get('lossy.avif').data;
    const mean =
      image.data.reduce((sum, v, i) => sum + Math.abs(v - (expected[i] ?? 0)), 0) / image.data.length;
    assert.ok(mean < 3, `${mean} levels`);
  });

  test('boxes that do not nest are damage, not a bug', async () => {
    const file = fixture('lossy.avif');
    file.writeUInt32BE(0xfffffff0, file.indexOf('iprp') - 4);
    assert.match((await refusal(write('d.avif', file))).message, /^d\.avif is a damaged AVIF image: /);
  });
});
