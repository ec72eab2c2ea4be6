/** Near-duplicates: hashes against ImageHash (test/reference/evaluation/dhash_golden.py), and which pictures are grouped. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dhashOf } from '../../../server/src/evaluation/duplicates/dhash';
import { NearDuplicates } from '../../../server/src/evaluation/duplicates/near';
import type { Row } from '../../../server/src/evaluation/row';
import { failedRow } from '../../../server/src/evaluation/verdict';
import { decodeImage } from '../../../server/src/imaging/decode';
import { Kernels } from '../../../server/src/imaging/kernels';
import { LANCZOS } from '../../../server/src/imaging/resampling/filters';
import { resizePillow } from '../../../server/src/imaging/resampling/pillow';
import { resizeRgb } from '../../../server/src/imaging/resize';
import { root } from '../../support/cli';

const kernels = new Kernels();
const { hashes } = JSON.parse(
  readFileSync(join(root, 'test', 'golden', 'evaluation', 'dhash.json'), 'utf8'),
) as { readonly hashes: Readonly<Record<string, string>> };

const bits = (a: string, b: string): number =>
  (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2).replaceAll('0', '').length;

test("hashes are ImageHash's to the last bit", async () => {
  const entries = Object.entries(hashes);
  assert.ok(entries.length > 5);
  for (const [path, hash] of entries)
    assert.equal(dhashOf((await decodeImage(join(root, path))).image, kernels), hash, path);
});

test('a picture that is scaled and made brighter keeps its hash, except for a few bits', async () => {
  const { image } = await decodeImage(join(root, 'samples', 'portrait.png'));
  const small = resizeRgb(image, 300, 280);
  const brighter = { ...small, data: small.data.map((value) => Math.min(255, value * 1.1 + 5)) };
  assert.ok(bits(dhashOf(image, kernels), dhashOf(brighter, kernels)) <= 4);
});

const row = (index: number, path: string, label: string | null, dhash: string, sha256 = `${index}`): Row => ({
  ...failedRow({ index, path, label, labelIndex: null }, ''),
  ...{ error: null, dhash, sha256 },
});

test('groups are those within four bits, across folders and labels first', () => {
  const near = new NearDuplicates();
  for (const each of [
    row(0, 'train/cat/a.png', 'cat', '00ff00ff00ff00ff'),
    row(1, 'train/cat/b.png', 'cat', '00ff00ff00ff00f0'), // 4 bits
    row(2, 'train/cat/c.png', 'cat', '00ff00ff00ff0ff0'), // 8 from the first, 4 from the second
    row(3, 'train/dog/d.png', 'dog', '123456789abcdef0'),
    row(4, 'train/cat/e.png', 'cat', '123456789abcdef0'),
    row(5, 'train/dog/f.png', 'dog', 'fedcba9876543210'),
    row(6, 'test/dog/f.png', 'dog', 'fedcba9876543211'),
    row(7, 'train/dog/g.png', 'dog', 'ffffffff00000000'),
    row(8, 'train/dog/h.png', 'dog', 'ffffffe000000000'), // 5 bits
    row(9, 'train/even/1.png', 'dog', '0000000000000000'),
    row(10, 'train/even/2.png', 'dog', '0000000000000001'),
    row(11, 'train/even/3.png', 'dog', '0000000000000000', '9'), // the file of 9
  ])
    near.add(each);
  const found = near.found();
  assert.ok(found !== null);
  assert.deepEqual(
    [found.groups, found.pictures, found.conflicting, found.across, found.complete],
    [4, 9, 1, 1, true],
  );
  assert.deepEqual(
    found.first.map(({ pictures, distance }) => [pictures.map((each) => each.row), distance]),
    [
      [[5, 6], 1],
      [[3, 4], 0],
      [[9, 11], 0],
      [[0, 1, 2], 4],
    ],
  );
});

test('every pair within four bits is found, and no other', () => {
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
  for (let round = 0; round < 200; round++) {
    const one = (BigInt(random()) << 32n) | BigInt(random());
    const flips = 1 + (round % 8);
    let other = one;
    for (const at of new Set(Array.from({ length: flips }, () => random() >>> 26))) other ^= 1n << BigInt(at);
    const [a, b] = [one, other].map((value) => value.toString(16).padStart(16, '0')) as [string, string];
    const near = new NearDuplicates();
    near.add(row(0, 'a', null, a));
    near.add(row(1, 'b', null, b));
    assert.equal(near.found()?.groups, bits(a, b) <= 4 ? 1 : 0, `${a} ${b}`);
  }
});

test('lanes give what Pillow’s resampling gives one pixel after another, whatever the size', () => {
  const level = (i: number): number => (i * 2654435761) >>> 24;
  for (const [width, height] of [
    [1, 1],
    [7, 3],
    [9, 8],
    [9, 40],
    [16, 8],
    [33, 17],
    [250, 5],
    [1000, 401], // more rows than are taken at once
  ] as const) {
    const image = {
      width,
      height,
      data: Uint8Array.from({ length: 3 * width * height }, (_, i) => level(i)),
    };
    const gray = Uint8Array.from({ length: width * height }, (_, i) => {
      const [red = 0, green = 0, blue = 0] = image.data.subarray(3 * i, 3 * i + 3);
      return (red * 19595 + green * 38470 + blue * 7471 + 32768) >>> 16;
    });
    const small = resizePillow({ width, height, channels: 1, data: gray }, 9, 8, LANCZOS).data;
    const brighter = Array.from({ length: 64 }, (_, i) => {
      const at = (i >> 3) * 9 + (i & 7);
      return (small[at + 1] ?? 0) > (small[at] ?? 0) ? '1' : '0';
    });
    const expected = BigInt(`0b${brighter.join('')}`)
      .toString(16)
      .padStart(16, '0');
    assert.equal(dhashOf(image, kernels), expected, `${width} x ${height}`);
  }
});
