/** TIFFs that are refused: each in the sentence that is true of it. What is read is compared with OpenCV in decode.test.ts. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { LensError } from '../../../server/src/errors';
import { decodeImage } from '../../../server/src/imaging/decode';
import { MemoryFile } from '../../../server/src/imaging/image-file';
import { readDirectory } from '../../../server/src/imaging/tiff/directory';
import { sharedFile } from '../../support/shared';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('tiff');
const fixture = (name: string): Buffer =>
  readFileSync(join(__dirname, '..', '..', 'fixtures', 'images', name));

async function messageOf(file: Buffer): Promise<string> {
  const path = join(folder, 'x.tif');
  writeFileSync(path, file);
  try {
    await decodeImage(path);
  } catch (error) {
    assert.ok(error instanceof LensError && error.kind === 'image', String(error));
    assert.ok(error.fix !== undefined);
    return error.message;
  }
  return 'read';
}

/** Little-endian, classic: where the entry of a tag lies. */
function entryOf(file: Buffer, tag: number): number {
  const start = file.readUInt32LE(4);
  for (let i = 0; i < file.readUInt16LE(start); i++) {
    const entry = start + 2 + 12 * i;
    if (file.readUInt16LE(entry) === tag) return entry;
  }
  throw new Error(`There is no tag ${tag}.`);
}

/** A fixture whose inline values of these tags are others. */
function changed(name: string, values: Readonly<Record<number, number>>): Buffer {
  const file = fixture(name);
  for (const [tag, value] of Object.entries(values)) {
    const entry = entryOf(file, Number(tag));
    if (file.readUInt16LE(entry + 2) === 3) file.writeUInt16LE(value, entry + 8);
    else file.writeUInt32LE(value, entry + 8);
  }
  return file;
}

describe('what is not read is named', () => {
  for (const [compression, name] of [
    [6, 'old-style JPEG (6)'],
    [34661, 'JBIG'],
    [34925, 'LZMA'],
    [50000, 'ZSTD'],
    [50001, 'WebP'],
    [34712, 'JPEG 2000'],
    [12345, 'unknown (12345)'],
  ] as const)
    test(`${name} compression`, async () => {
      for (const fixtureName of ['planar.tif', 'lzw-tiles.tif'])
        assert.equal(
          await messageOf(changed(fixtureName, { 259: compression })),
          `x.tif is a TIFF image with ${name} compression, which is not read.`,
        );
    });

  const rows: readonly (readonly [string, string, Readonly<Record<number, number>>])[] = [
    ['CMYK colors of 16 bits per channel', 'alpha-unassociated-16bit.tif', { 262: 5 }],
    ['CIE L*a*b* colors', 'planar.tif', { 262: 8 }],
    ['raw sensor data', 'planar.tif', { 262: 32803 }],
    ['RGB colors of 1 channels', 'white-is-zero.tif', { 262: 2 }],
    ['12 bits per channel', 'white-is-zero.tif', { 258: 12 }],
    ['predictor 3', 'deflate-strips.tif', { 317: 3 }],
    ['5 samples per pixel', 'planar.tif', { 277: 5 }],
    ['YCbCr colors subsampled by 4 x 4 in separate planes', 'ycbcr-planar.tif', { 530: 4 }],
  ];
  for (const [what, name, values] of rows)
    test(what, async () => {
      const file = changed(name, values);
      if (values[530] === 4) file.writeUInt16LE(4, entryOf(file, 530) + 10);
      assert.equal(await messageOf(file), `x.tif is a TIFF image with ${what}, which is not read.`);
    });
});

describe('what is damaged is never black', () => {
  /** Flips bits in the middle of the packed bytes of a chunk. */
  const hurt = (name: string, offsets: number, chunk: number): Buffer => {
    const file = fixture(name);
    const directory = readDirectory(new MemoryFile(file));
    const numbers = (tag: number) => directory.numbers(tag);
    const [start, length] = [
      numbers(offsets)?.[chunk] ?? 0,
      numbers(offsets + (offsets === 324 ? 1 : 6))?.[chunk] ?? 0,
    ];
    for (let i = 4; i < Math.min(length, 24); i++) file[start + i] = (file[start + i] ?? 0) ^ 0xff;
    return file;
  };

  test('a strip or tile whose codes are invalid', async () => {
    for (const [name, offsets, chunk, pattern] of [
      ['lzw-tiles.tif', 324, 1, /^x\.tif is a damaged TIFF image: tile 2 of 2 /],
      ['deflate-strips.tif', 273, 2, /^x\.tif is a damaged TIFF image: strip 3 of 4 /],
      ['group4-long-runs.tif', 273, 1, /^x\.tif is a damaged TIFF image: strip 2 of 3 /],
      ['group3-2d.tif', 273, 0, /^x\.tif is a damaged TIFF image: strip 1 of /],
    ] as const)
      assert.match(await messageOf(hurt(name, offsets, chunk)), pattern, name);
  });

  test('a strip or tile that is missing, empty, short or beyond the end', async () => {
    const end = fixture('planar.tif').length;
    assert.match(await messageOf(changed('lzw-16bit-predictor.tif', {})), /^read$/);
    assert.match(
      await messageOf(changed('white-is-zero.tif', { 273: 0 })),
      /damaged TIFF image: strip 1 of 1 is empty/,
    );
    assert.match(
      await messageOf(changed('white-is-zero.tif', { 273: end * 9 })),
      /damaged TIFF image: the file ends within strip 1 of 1/,
    );
    assert.match(
      await messageOf(changed('palette-8bit.tif', { 279: 9 })),
      /damaged TIFF image: strip 1 of 1 ends before its last pixel/,
    );
    assert.match(
      await messageOf(changed('palette-8bit.tif', { 279: 1 << 30 })),
      /damaged TIFF image: the file ends within strip 1 of 1/,
    );
    assert.match(
      await messageOf(changed('planar.tif', { 278: 1 })),
      /damaged TIFF image: its directory lists 9 of 48 strips/,
    );
    assert.match(
      await messageOf(changed('planar.tif', { 257: 0 })),
      /damaged TIFF image: its size is 24 x 0 pixels/,
    );
    assert.match(
      await messageOf(changed('planar.tif', { 257: 100_000_000 })),
      /^x\.tif is too large: 24 x 100000000 pixels/,
    );
  });
});

test('the cases that turned black', async (t) => {
  const right: readonly (readonly [string, RegExp])[] = [
    ['tiff-tiles-lost/truncated_tiled.tif', /damaged TIFF image: the file ends within tile 4 of 4/],
    ['tiff-tiles-lost/corrupt_tile.tif', /damaged TIFF image: tile 3 of 4 is not a valid Deflate stream/],
    ['tiff-tiles-lost/lzma_tile.tif', /TIFF image with LZMA compression, which is not read/],
    ['tiff-cmyk16/cmyk16.tif', /TIFF image with CMYK colors of 16 bits per channel, which is not read/],
    ['wrong-diagnosis/zstd.tif', /TIFF image with ZSTD compression, which is not read/],
  ];
  for (const [name, pattern] of right) {
    const path = sharedFile(t, join('cases', name));
    if (path === null) return;
    assert.match(await messageOf(readFileSync(path)), pattern, name);
  }
});

test('a directory that contradicts itself is refused, not guessed at', async () => {
  const rows: readonly (readonly [string, Readonly<Record<number, number>>, RegExp])[] = [
    ['planar.tif', { 284: 6 }, /damaged TIFF image: its planar configuration is 6/],
    ['alpha-planar.tif', { 338: 16 }, /damaged TIFF image: an extra sample is of unknown kind 16/],
    // One strip where three are listed: what follows the first is not its.
    ['ycbcr-4x4.tif', { 278: 1 << 16 }, /damaged TIFF image: strip 1 of 1 ends before its last pixel/],
    ['rgb.tif', { 278: 1 << 16 }, /^read$/],
  ];
  for (const [name, values, pattern] of rows)
    assert.match(await messageOf(changed(name, values)), pattern, name);
});

test('a JPEG strip that announces a huge picture is called unsafe', async () => {
  const file = changed('jpeg-rgb.tif', { 256: 65_000, 257: 1500, 278: 1500 });
  const frame = file.indexOf(Buffer.from([0xff, 0xc0]));
  file.writeUInt16BE(65_000, frame + 5);
  file.writeUInt16BE(65_000, frame + 7);
  assert.match(
    await messageOf(file),
    /^x\.tif is an unsafe TIFF image: strip 1 of 1 holds a JPEG of 65000 rows\.$/,
  );
});
