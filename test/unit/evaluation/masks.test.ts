/** Masks: the share of a box inside, which values are inside, and which file is a picture's. */
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { maskFile, maskOf, readMask } from '../../../server/src/evaluation/masks';
import { put } from '../../support/labelled-set';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('masks');

test('the share of a box counts parts of pixels as parts, and nothing outside of the picture', () => {
  const [width, height] = [7, 5];
  const inside = Uint8Array.from({ length: width * height }, (_, i) => ((i * 7919) % 11 < 5 ? 1 : 0));
  const mask = maskOf(inside, width, height);
  // Each pixel's overlap with the box, one by one.
  const expected = ([x0, y0, x1, y1]: readonly [number, number, number, number]): number => {
    let sum = 0;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const across = Math.max(0, Math.min(x1, x + 1) - Math.max(x0, x));
        const down = Math.max(0, Math.min(y1, y + 1) - Math.max(y0, y));
        sum += (inside[y * width + x] as number) * across * down;
      }
    return sum / ((x1 - x0) * (y1 - y0));
  };
  for (let i = 0; i < 500; i++) {
    const at = (k: number, size: number): number => ((i * 37 + k * 101) % 97) * (size / 60) - size / 4;
    const [x0, y0] = [at(1, width), at(2, height)];
    const box = [x0, y0, x0 + 0.1 + at(3, 4) ** 2, y0 + 0.1 + at(4, 3) ** 2] as const;
    assert.ok(Math.abs(mask.share([...box]) - expected(box)) < 1e-12, box.join(' '));
  }
  assert.equal(mask.share([-3, -3, -1, -1]), 0);
  assert.equal(mask.share([2, 2, 2, 4]), 0, 'an empty box');
});

const gray = (name: string, pixels: readonly number[], width = pixels.length): string => {
  const file = join(folder, name);
  put(
    file,
    Buffer.concat([Buffer.from(`P5\n${width} ${pixels.length / width}\n255\n`), Buffer.from(pixels)]),
  );
  return file;
};

test('of two values what is not 0 is inside, of smoothed edges the brighter half, and numbers of classes are refused', async () => {
  const shares = async (name: string, ...pixels: readonly number[]) => {
    const mask = await readMask({ file: gray(name, pixels) }, { width: pixels.length, height: 1 });
    return typeof mask === 'string' ? mask : pixels.map((_, x) => mask.share([x, 0, x + 1, 1]));
  };
  assert.deepEqual(await shares('one.pgm', 0, 1, 1, 0), [0, 1, 1, 0]);
  assert.deepEqual(await shares('full.pgm', 0, 255, 255, 0), [0, 1, 1, 0]);
  assert.deepEqual(await shares('smooth.pgm', 0, 60, 127, 128, 255), [0, 0, 0, 1, 1]);
  assert.deepEqual(await shares('empty.pgm', 0, 0, 0), [0, 0, 0]);
  assert.deepEqual(await shares('whole.pgm', 255, 255), [1, 1]);
  assert.equal(await shares('classes.pgm', 0, 1, 2, 3), 'mask-values');
  assert.equal(await readMask({ file: join(folder, 'one.pgm') }, { width: 3, height: 1 }), 'mask-size');
  assert.equal(await readMask(null, { width: 3, height: 1 }), 'no-mask');
  put(join(folder, 'text.png'), 'no picture');
  assert.equal(
    await readMask({ file: join(folder, 'text.png') }, { width: 3, height: 1 }),
    'mask-unreadable',
  );
});

test("a picture's mask has its name, and lies below the folder of masks", async () => {
  gray('masks/cat/a.b.pgm', [0, 1]);
  gray('elsewhere.pgm', [0, 1]);
  symlinkSync(join(folder, 'elsewhere.pgm'), join(folder, 'masks', 'cat', 'link.pgm'));
  const root = join(folder, 'masks');
  assert.deepEqual(await maskFile(root, 'cat/a.b.jpg'), { file: join(root, 'cat', 'a.b.pgm'), below: root });
  assert.equal(await maskFile(root, 'cat/a.jpg'), null);
  assert.equal(await maskFile(root, 'cat/link.jpg'), null, 'a link that leaves the folder');
});
