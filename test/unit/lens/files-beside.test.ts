/** What lies beside a model and cannot be read is never passed over silently: a lens is an error, other files are named. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { filesBeside, lensBeside, passedOver } from '../../../server/src/lens/sources/files';
import { modelRules } from '../../../server/src/pipeline/reporting/warnings/model';
import type { Facts } from '../../../server/src/pipeline/reporting/warnings/rule';
import { lensLeftBeside } from '../../../server/src/pipeline/left-beside';
import { temporaryFolder } from '../../support/temp';

const root = temporaryFolder('files-beside');
const folder = join(root, 'models');
mkdirSync(folder);
const path = join(folder, 'best.onnx');
writeFileSync(path, '');
writeFileSync(join(root, 'lens.json'), '{"labels": ["a", "b"]}');
writeFileSync(join(root, 'config.json'), '{"id2label": {"0": "a", "1": "b"}}');
const trusted = { trusted: true };

const unreadable: Readonly<
  Record<string, readonly [make: (place: string, target: string) => void, why: RegExp]>
> = {
  'a link out of the folder': [
    (place, target) => {
      symlinkSync(target, place);
    },
    /found a link that leads out of its folder/,
  ],
  'a folder': [
    (place) => {
      mkdirSync(place);
    },
    /found a folder/,
  ],
  'a link to nothing': [
    (place) => {
      symlinkSync('gone', place);
    },
    /found (no file there|a link that leads nowhere)/,
  ],
  'bytes of another encoding': [
    (place) => {
      writeFileSync(place, Buffer.from('{"labels": ["café", "b"]}', 'latin1'));
    },
    /found bytes that are no text in UTF-8|in UTF-8, found other bytes/,
  ],
  'larger than is read': [
    (place) => {
      writeFileSync(place, ' '.repeat(1_100_000));
    },
    /found 1\.1 MB; at most/,
  ],
  ...(process.platform === 'win32'
    ? {}
    : {
        'a named pipe': [
          (place: string) => {
            execFileSync('mkfifo', [place]);
          },
          /found a named pipe/,
        ],
      }),
};

describe('beside a model', () => {
  for (const [what, [make, why]] of Object.entries(unreadable)) {
    test(`a lens that is ${what} is an error that names it`, async (t) => {
      const place = join(folder, 'best.lens.json');
      make(place, '../lens.json');
      t.after(() => {
        rmSync(place, { recursive: true });
      });
      const refused = (error: Error): boolean => error.message.startsWith(place) && why.test(error.message);
      await assert.rejects(lensBeside({ path }, trusted), refused);
      await assert.rejects(lensLeftBeside(path), refused, 'nor is it lost on import');
      assert.equal(await lensBeside({ path }, { trusted: false }), null);
      assert.deepEqual(await passedOver({ path }, { trusted: false }), [{ file: place, why: null }]);
    });

    test(`a file that is ${what} is named in a warning`, async (t) => {
      const file = join(folder, 'config.json');
      make(file, '../config.json');
      t.after(() => {
        rmSync(file, { recursive: true });
      });
      assert.equal(await filesBeside({ path, metadata: new Map(), proved: null }, trusted), null);
      const found = await passedOver({ path }, trusted);
      assert.deepEqual(
        found.map((each) => each.file),
        [file],
      );
      assert.match(found[0]?.why ?? '', why);
      const warnings = modelRules.flatMap(({ needs, find }) =>
        needs.length === 1 && needs[0] === 'passedOver'
          ? find({ passedOver: found } as unknown as Facts)
          : [],
      );
      assert.ok(
        warnings[0]?.message.startsWith(`${file}, beside the weights, was not read: found `),
        warnings[0]?.message,
      );
    });
  }

  test('what can be read is not named; nothing is where nothing lies', async () => {
    assert.deepEqual(await passedOver({ path }, trusted), []);
    const file = join(folder, 'labels.txt');
    writeFileSync(file, 'a\nb\n');
    assert.deepEqual(await passedOver({ path }, trusted), []);
    assert.deepEqual(await passedOver({ path }, { trusted: false }), [{ file, why: null }]);
  });
});

test('of lists that name the classes differently, the first counts and the others are named', async () => {
  const place = join(root, 'several');
  mkdirSync(place);
  const model = join(place, 'best.onnx');
  writeFileSync(model, '');
  writeFileSync(join(place, 'labels.txt'), 'a\nb\n');
  writeFileSync(join(place, 'classes.txt'), 'a\nb\n');
  writeFileSync(join(place, 'config.json'), '{"id2label": {"0": "cat", "1": "dog"}}');
  const found = await filesBeside({ path: model, metadata: new Map(), proved: null }, trusted);
  assert.deepEqual(found?.values.labels, {
    value: ['a', 'b'],
    detail: join(place, 'labels.txt'),
    notTaken: [`not taken: cat, dog, at id2label of ${join(place, 'config.json')}`],
  });
});
