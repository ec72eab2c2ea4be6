/** COCO's file is read entry by entry: the same as JSON.parse reads it, wherever the file is cut, in any order of its lists, and however large. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LensError } from '../../../server/src/errors';
import { cocoEntries } from '../../../server/src/evaluation/labels/coco';
import { listElements, NotAnObject } from '../../../server/src/evaluation/labels/json-lists';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('coco');
const path = join(folder, 'a.json');

async function labels(text: string): Promise<readonly (readonly [string, string | null])[]> {
  writeFileSync(path, text);
  const found: (readonly [string, string | null])[] = [];
  for await (const { path: picture, label } of cocoEntries(path)) found.push([picture, label]);
  return found;
}

async function elements(text: string): Promise<Record<string, unknown[]>> {
  writeFileSync(path, text);
  const found: Record<string, unknown[]> = {};
  for await (const element of listElements(path)) {
    if ('begins' in element) found[element.begins] = [];
    else found[element.list]?.push(element.value);
  }
  return found;
}

const LISTS = {
  info: { year: 2017, url: 'https://[a]{b},"c"\\' },
  annotations: [
    { id: 1, image_id: 20, category_id: 90, segmentation: [[1.5, 2, 3, 4]], bbox: [0, 0, 1, 1] },
    { id: 2, image_id: 20, category_id: 3, segmentation: { counts: '}]"\\n', size: [1, 2] }, iscrowd: 1 },
    { id: 3, image_id: 20, category_id: 90 },
    { id: 4, image_id: 7, category_id: 3 },
  ],
  licenses: [],
  images: [
    { id: 7, file_name: 'b "quoted\\".jpg', nested: { images: [{ id: 7 }] } },
    { id: 20, file_name: 'ä/日本.jpg' },
    { id: 21, file_name: 'none.jpg' },
  ],
  categories: [
    { id: 3, name: 'dog' },
    { id: 90, name: 'cat, [small]' },
  ],
};

test('lists in any order, several categories of a picture, and pictures without annotations', async () => {
  const expected = [
    ['b "quoted\\".jpg', 'dog'],
    ['ä/日本.jpg', 'dog|cat, [small]'],
    ['none.jpg', null],
  ];
  assert.deepEqual(await labels(JSON.stringify(LISTS)), expected);
  assert.deepEqual(await labels(JSON.stringify(LISTS, null, 2).replaceAll('\n', '\r\n')), expected);
});

test('what is read is what JSON.parse reads, also where a piece of the file ends within it', async () => {
  const wanted = { images: LISTS.images, annotations: LISTS.annotations, categories: LISTS.categories };
  // Pieces of a file have 64 KiB: blanks shift every character of the text over that border.
  const text = JSON.stringify({ ...wanted, more: [null, 'x', -1e3, [], {}, [[]], true] });
  const parsed: unknown = JSON.parse(text);
  for (let shift = 0; shift < text.length; shift += 3)
    assert.deepEqual(await elements(`${' '.repeat(65_536 - shift)}${text}`), parsed);
});

/** Each text with the line that its error names. */
const broken: readonly (readonly [text: string, line: number, found: RegExp])[] = [
  ['', 1, /ends within the object/],
  ['{"images":[{"id":1}', 1, /ends within the object/],
  ['{"images":[{"id":"1}]}', 1, /ends within the object/],
  ['{"images":[{"id":1},\n\n]}', 3, /not JSON/],
  ['{"images":[\n{"id":1}\n{"id":2}]}', 3, /not JSON/],
  ['{"images":[\n{"id":1},\n{"id":2,}]}', 3, /not JSON/],
  ['{"images":[{"id":[1}}]}', 1, /not JSON/],
  ['{"images":[]}}', 1, /not JSON/],
  ['{"images":[]} x', 1, /between values/],
  ['{"images":[] "a":1}', 1, /not JSON/],
  ['{images:[]}', 1, /not JSON/],
  ['{"images":[],}', 1, /comma/],
  ['{"images":[],\n"images":[]}', 2, /"images" twice/],
  ['{"a":\n\n nul}', 3, /not JSON/],
  ['x {"images":[]}', 1, /not a JSON object/],
];
for (const [text, line, found] of broken)
  test(`${JSON.stringify(text)} is refused with its line`, async () => {
    await assert.rejects(elements(text), (thrown) => {
      assert.ok(thrown instanceof NotAnObject, String(thrown));
      assert.match(thrown.found, found);
      assert.equal(thrown.line, line);
      return true;
    });
    assert.throws(() => void JSON.parse(text.replace(/,\n"images":\[\]/, '}'))); // JSON.parse takes the last of two equal keys
  });

test('an annotation of what is not listed names the first such annotation', async () => {
  const refused = (more: object): Promise<void> =>
    assert.rejects(labels(JSON.stringify({ ...LISTS, ...more })), (thrown) => {
      assert.ok(thrown instanceof LensError);
      assert.match(thrown.message, /found annotation 2 of category 3, which is not listed/);
      return true;
    });
  await refused({ categories: [{ id: 90, name: 'cat' }] });
});

test('a file of 40 MB takes the memory of its pictures, not of its text', () => {
  const script = `
    const { createWriteStream } = require('node:fs');
    const { finished } = require('node:stream/promises');
    const { cocoEntries } = require('./server/src/evaluation/labels/coco');
    (async () => {
      const out = createWriteStream(process.argv[1]);
      const mask = JSON.stringify({ counts: Array.from({ length: 2000 }, (_, i) => i), size: [1, 2] });
      out.write('{"images":[' + Array.from({ length: 2000 }, (_, i) => '{"id":' + i + ',"file_name":"' + i + '.jpg"}') + '],"annotations":[');
      for (let i = 0; i < 4000; i++) out.write((i ? ',' : '') + '{"image_id":' + (i >> 1) + ',"category_id":1,"segmentation":' + mask + '}');
      out.end('],"categories":[{"id":1,"name":"cat"}]}');
      await finished(out);
      let pictures = 0;
      for await (const { label } of cocoEntries(process.argv[1])) if (label === 'cat') pictures += 1;
      console.log(pictures);
    })();`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--max-old-space-size=64',
      '--require',
      './scripts/from-source.cjs',
      '-e',
      script,
      join(folder, 'large.json'),
    ],
    { encoding: 'utf8' },
  );
  // The text with its numbers would not fit into this heap.
  assert.deepEqual([stdout, stderr], ['2000\n', '']);
});
