/** Files too large to be held: read range by range, with the same pixels, and noticed where they change meanwhile. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  closeSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { decodeBmp } from '../../../server/src/imaging/bmp/decode';
import { readBmpHeader } from '../../../server/src/imaging/bmp/header';
import { decodeImage } from '../../../server/src/imaging/decode';
import { LargeFile } from '../../../server/src/imaging/image-file';
import type { ImageFile } from '../../../server/src/imaging/image-file';
import { decodeNetpbm, readNetpbmHeader } from '../../../server/src/imaging/netpbm';
import { decodeTiff } from '../../../server/src/imaging/tiff/decode';
import { decodeWithSharp } from '../../../server/src/imaging/sharp-decoder';
import { temporaryFolder } from '../../support/temp';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'images');
const folder = temporaryFolder('large-files');
const anySize = () => undefined;

async function asLarge<T>(path: string, use: (file: LargeFile) => T | Promise<T>): Promise<T> {
  const fd = openSync(path, 'r');
  try {
    return await use(new LargeFile(path, fd, statSync(path)));
  } finally {
    closeSync(fd);
  }
}

const decoders: Record<string, (file: ImageFile) => Promise<Uint8Array>> = {
  tif: async (file) => (await decodeTiff(file, anySize)).image.data,
  bmp: (file) => Promise.resolve(decodeBmp(file, readBmpHeader(file)).data),
  png: async (file) => (await decodeWithSharp(file.source, anySize)).image.data,
  jpg: async (file) => (await decodeWithSharp(file.source, anySize)).image.data,
};
for (const name of ['ppm', 'pgm', 'pbm'])
  decoders[name] = (file) => Promise.resolve(decodeNetpbm(file, readNetpbmHeader(file)).data);

describe('the pixels of what is read range by range are those of what is held', () => {
  for (const [extension, decode] of Object.entries(decoders))
    test(extension, async () => {
      const names = readdirSync(fixtures).filter((name) => name.endsWith(`.${extension}`));
      assert.ok(names.length > 0);
      for (const name of names) {
        const path = join(fixtures, name);
        const [held, ranged] = [await decodeImage(path), await asLarge(path, decode)];
        assert.ok(Buffer.from(ranged).equals(Buffer.from(held.image.data)), name);
      }
    });
});

test('the hash is that of the whole file; a file that changed or was cut meanwhile is refused', async () => {
  const path = join(folder, 'a.bin');
  const content = Buffer.alloc(9_000_000, 'abc');
  writeFileSync(path, content);
  await asLarge(path, (file) => {
    assert.equal(file.sha256(), createHash('sha256').update(readFileSync(path)).digest('hex'));
    assert.deepEqual(file.slice(8_999_998, 9_000_010), content.subarray(8_999_998));
    assert.equal(file.slice(10_000_000, 10_000_001).length, 0);
    utimesSync(path, 1, 1);
    assert.throws(() => file.sha256(), /changed while it was read/);
    truncateSync(path, 1000);
    assert.throws(() => file.slice(0, 2000), /changed while it was read/);
  });
});

test('an uncompressed picture above the limit of what is held is read through its file', async () => {
  const path = join(folder, 'large.pgm');
  const [width, height] = [10_000, 7_000]; // 70 MB: sparse except for one row
  writeFileSync(path, `P5 ${width} ${height} 255\n`);
  const start = statSync(path).size;
  const row = Buffer.from(Array.from({ length: width }, (_, x) => x % 251));
  truncateSync(path, start + width * height);
  writeRow(path, row, start + 4321 * width);
  const { image, bytes } = await decodeImage(path);
  assert.equal(bytes, start + width * height);
  const at = 3 * width * 4321;
  for (const x of [0, 1, 250, 9_999])
    assert.deepEqual([...image.data.subarray(at + 3 * x, at + 3 * x + 3)], [x % 251, x % 251, x % 251]);
  assert.equal(image.data[at - 1], 0);
});

function writeRow(path: string, row: Buffer, position: number): void {
  const fd = openSync(path, 'r+');
  try {
    writeSync(fd, row, 0, row.length, position);
  } finally {
    closeSync(fd);
  }
}
