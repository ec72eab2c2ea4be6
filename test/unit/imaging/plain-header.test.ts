/** What is said of a JPEG without libvips equals what libvips says, and nothing is said of one that it would turn or color. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp, { type JpegOptions } from 'sharp';
import { plainHeader } from '../../../server/src/imaging/jpeg/plain-header';
import { fixtures } from '../../support/image-files';

const noise = sharp({
  create: {
    width: 21,
    height: 13,
    channels: 3,
    background: 'gray',
    noise: { type: 'gaussian', mean: 128, sigma: 30 },
  },
});
const jpeg = (options: JpegOptions = {}, from = noise): Promise<Buffer> =>
  from.clone().jpeg(options).toBuffer();

/** With a segment after SOI. */
const added = (file: Buffer, marker: number, content: string): Buffer =>
  Buffer.concat([
    file.subarray(0, 2),
    Buffer.from([0xff, marker, 0, content.length + 2]),
    Buffer.from(content, 'latin1'),
    file.subarray(2),
  ]);

async function agrees(file: Buffer): Promise<boolean> {
  const header = plainHeader(file);
  if (header === null) return false;
  const metadata = await sharp(file).metadata();
  assert.deepEqual(
    { ...header, space: header.channels === 1 ? 'b-w' : 'srgb', depth: 'uchar', hasAlpha: false },
    {
      ...{
        width: metadata.width,
        height: metadata.height,
        channels: metadata.channels,
        precision: metadata.bitsPerSample ?? 8,
      },
      ...{ space: metadata.space, depth: metadata.depth, hasAlpha: metadata.hasAlpha },
    },
  );
  for (const key of ['orientation', 'icc', 'exif', 'pages'] as const) assert.equal(metadata[key], undefined);
  return true;
}

test('plain files, of every kind that libvips writes', async () => {
  for (const file of [
    await jpeg(),
    await jpeg({ progressive: true }),
    await jpeg({ chromaSubsampling: '4:4:4', optimiseCoding: true }),
    await jpeg({}, noise.clone().grayscale()),
    added(await jpeg(), 0xfe, 'a comment'),
    added(await jpeg(), 0xed, 'Photoshop 3.0\0'),
  ])
    assert.ok(await agrees(file));
});

test('what is turned, colored, of inks, damaged or no picture is left to libvips', async () => {
  const plain = await jpeg();
  for (const file of [
    await noise.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    await noise.clone().withIccProfile('p3').jpeg().toBuffer(),
    await noise.clone().toColourspace('cmyk').jpeg().toBuffer(),
    added(plain, 0xe1, 'http://ns.adobe.com/xap/1.0/\0<x/>'),
    plain.subarray(0, 100),
    Buffer.alloc(0),
  ])
    assert.equal(plainHeader(file), null);
});

test('every JPEG of the fixtures', async () => {
  const files = readdirSync(fixtures).filter((name) => name.endsWith('.jpg'));
  const plain = await Promise.all(files.map((name) => agrees(readFileSync(join(fixtures, name)))));
  assert.ok(plain.includes(true) && plain.includes(false), `${String(plain)} of ${String(files)}`);
});
