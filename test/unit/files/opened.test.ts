/** Links that are replaced while a file is opened: what lies outside of the folder is never read. */
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { isOpenBelow } from '../../../files/opened';
import { readFileBelow } from '../../../files/regular-file';
import { openCheckpoint } from '../../../server/src/checkpoints/open';
import { maskFile, readMask } from '../../../server/src/evaluation/masks';
import type { Row } from '../../../server/src/evaluation/row';
import { shownPicture } from '../../../server/src/evaluation/shown/picture';
import { linesOf } from '../../../server/src/evaluation/table/journal';
import { decodeImage } from '../../../server/src/imaging/decode';
import { readLens, readOwnLens } from '../../../server/src/lens/lens-file';
import { labelsOfLens } from '../../../server/src/lens/lens-labels';
import { readExternal } from '../../../server/src/onnx/external-data';
import { copyFiles } from '../../../server/src/store/copy';
import { modelFiles } from '../../../server/src/store/model-files';
import { temporaryFolder } from '../../support/temp';

const outside = temporaryFolder('opened-outside');
const folder = join(temporaryFolder('opened'), 'in');
const sub = join(folder, 'sub');
mkdirSync(sub, { recursive: true });

/** A safetensors file of one tensor. */
function tensor(name: string, value: number): Buffer {
  const head = Buffer.from(JSON.stringify({ [name]: { dtype: 'U8', shape: [1], data_offsets: [0, 1] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  return Buffer.concat([length, head, Buffer.from([value])]);
}

/** One pixel. */
const gray = (level: number): Buffer => Buffer.from([...Buffer.from('P5 1 1 255\n'), level]);
const WHITE = 255;
const SIZE = { width: 1, height: 1 };

const PART = 'model-00001-of-00001.safetensors';
const FILES: readonly (readonly [name: string, inside: string | Buffer, secret: string | Buffer])[] = [
  ['labels.txt', 'inside\n', 'secret\n'],
  ['best.lens.json', '{ "labels": ["inside"] }', '{ "labels": ["secret"] }'],
  ['weights.bin', 'inside', 'secret'],
  ['a.pgm', gray(WHITE), gray(0)],
  [PART, tensor('inside', 1), tensor('secret', 2)],
];
for (const [name, inside, secret] of FILES) {
  for (const place of [folder, sub]) writeFileSync(join(place, name), inside);
  writeFileSync(join(outside, name), secret);
}
writeFileSync(join(folder, 'mine.lens.json'), '{ "labels": "sub/labels.txt" }');
const index = join(folder, 'model.safetensors.index.json');
writeFileSync(index, JSON.stringify({ weight_map: { inside: PART } }));

const levelName = (level: number | undefined): string => (level === WHITE ? 'inside' : 'secret');

/** What is read of a file, and what is replaced meanwhile by a link to what lies outside: its folder, or the file itself. */
const READERS: Readonly<Record<string, readonly [replaced: string, read: () => Promise<string>]>> = {
  'a file below a folder': ['sub', async () => String(await readFileBelow(folder, 'sub/weights.bin', 100))],
  'the labels of a lens': [
    'sub',
    async () =>
      String(
        (await labelsOfLens(await readLens(join(folder, 'mine.lens.json')), { trusted: false }))?.labels,
      ),
  ],
  'a lens beside its model': [
    'best.lens.json',
    async () => String((await readOwnLens(join(folder, 'best.lens.json'))).lens.labels),
  ],
  'external data of a model': [
    'sub',
    async () => {
      const data = { location: 'sub/weights.bin', offset: 0, length: 6 };
      return String(Buffer.from(await readExternal(folder, data, 'a tensor')));
    },
  ],
  'a picture of a set': [
    'a.pgm',
    async () => levelName((await decodeImage(join(folder, 'a.pgm'), { below: folder })).image.data[0]),
  ],
  'a picture of a folder of a set': [
    'sub',
    async () => levelName((await decodeImage(join(sub, 'a.pgm'), { below: folder })).image.data[0]),
  ],
  'a mask': [
    'sub',
    async () => {
      const mask = await readMask(await maskFile(folder, 'sub/a.jpg'), SIZE);
      if (typeof mask === 'string') throw new Error(mask);
      return levelName(WHITE * mask.share([0, 0, 1, 1]));
    },
  ],
  'a picture that a view shows': [
    'sub',
    async () => {
      const row = { path: 'sub/a.pgm', sha256: null, heat: [] as readonly unknown[] } as Row;
      const { pixels } = await shownPicture({ folder, root: folder }, row, null);
      return levelName(Buffer.from(pixels, 'base64')[0]);
    },
  ],
  'rows that a test file names': [
    'sub',
    async () => {
      for await (const { text } of linesOf(join(sub, 'labels.txt'), folder)) return text;
      throw new Error('no row');
    },
  ],
  'a part that is copied into the store': [
    PART,
    async () => {
      const target = mkdtempSync(join(outside, 'store-'));
      await copyFiles(await modelFiles(index), target, {});
      return readFileSync(join(target, PART)).equals(tensor('inside', 1)) ? 'inside' : 'secret';
    },
  ],
  'a part of a checkpoint': [
    PART,
    async () => {
      try {
        await (await openCheckpoint(index)).close();
        return 'inside';
      } catch (thrown) {
        // The part would say that it holds another tensor only if it had been read.
        throw String(thrown).includes('secret') ? new Error('read') : thrown;
      }
    },
  ],
};

const ROUNDS = 30;

for (const [what, [name, read]] of Object.entries(READERS))
  test(`${what} that a link replaces while it is opened`, async () => {
    const place = join(folder, name);
    const spare = `${place}.spare`;
    symlinkSync(name === 'sub' ? outside : join(outside, name), spare);
    const state = { isLink: false, ended: false };
    const swap = (): void => {
      renameSync(place, `${place}.aside`);
      renameSync(spare, place);
      renameSync(`${place}.aside`, spare);
      state.isLink = !state.isLink;
    };
    for (let round = 0; round < ROUNDS; round++) {
      const outcome = read().then(
        (text) => text,
        (thrown: unknown) => new Error(thrown instanceof Error ? thrown.message : 'no error'),
      );
      state.ended = false;
      void outcome.then(() => (state.ended = true));
      while (!state.ended) {
        for (let wait = round % 4; wait > 0; wait--) await setImmediate();
        swap();
        await setImmediate();
      }
      const found = await outcome;
      if (found instanceof Error) assert.notEqual(found.message, 'read');
      else assert.equal(found, 'inside');
    }
    if (state.isLink) swap();
    rmSync(spare);
  });

test('a file that lies elsewhere than the path that it was opened by', async () => {
  const file = await open(join(outside, 'labels.txt'));
  try {
    assert.equal(await isOpenBelow(file, join(folder, 'labels.txt'), folder), false);
    assert.equal(await isOpenBelow(file, join(outside, 'labels.txt'), outside), true);
  } finally {
    await file.close();
  }
});
