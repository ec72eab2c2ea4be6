/** What is wrong with a manifest is said with its file and line; what is only unusual is read. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LensError } from '../../../server/src/errors';
import { readSet } from '../../../server/src/evaluation/labels/read-set';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('manifests');

const read = (name: string, content: string | Buffer, more: { labelColumn?: string; root?: string } = {}) => {
  const source = join(folder, name);
  writeFileSync(source, content);
  const { labelColumn = null, root = null } = more;
  return readSet({ source, labels: null, pathColumn: null, labelColumn, root });
};
const pairs = async (...given: Parameters<typeof read>) =>
  (await read(...given)).entries.map(({ path, label }) => [path, label]);

const coco = (more: object): string =>
  JSON.stringify({
    images: [{ id: 1, file_name: 'a.png' }],
    annotations: [{ image_id: 1, category_id: 7 }],
    categories: [{ id: 7, name: 'cat' }],
    ...more,
  });
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');

const CAT = [['a.png', 'cat']] as const;
/** Each is read as a.png, a cat. */
const unusual: readonly (readonly [what: string, name: string, content: string | Buffer])[] = [
  ['a byte order mark', 'a.csv', '\ufeffpath,label\na.png,cat\n'],
  ['CRLF, and no end of the last line', 'a.csv', 'path,label\r\na.png,cat'],
  ['carriage returns alone', 'a.csv', 'path,label\ra.png,cat\r'],
  ['a separator that a spreadsheet names', 'a.csv', 'sep=;\r\npath;label\r\na.png;cat\r\n'],
  ['quotes around everything', 'a.csv', '"path","label"\n"a.png","cat"\n'],
  ['empty lines, and spaces around labels', 'a.csv', 'path, Label\n\n\na.png, cat \n\n'],
  ['other columns in another order', 'a.tsv', 'note\tclass\tfile\n"x\ty"\tcat\ta.png\n'],
  ['a path that goes up and comes back', 'a.csv', 'path,label\nsub/../a.png,cat\n'],
  ['JSON lines with a byte order mark and CRLF', 'a.jsonl', '\ufeff{"path":"a.png","label":"cat"}\r\n\r\n'],
  ['COCO with a byte order mark', 'a.json', `\ufeff${coco({})}`],
];
for (const [what, name, content] of unusual)
  test(`${name} with ${what} is read`, async () => assert.deepEqual(await pairs(name, content), CAT));

test('a path that is absolute and below the folder is read, and so is a field of several lines', async () => {
  assert.deepEqual(await pairs('a.csv', `path,label\n${join(folder, 'a.png')},cat\n`), CAT);
  assert.deepEqual(await pairs('a.csv', 'path,note,label\nb.png,"1\n2",dog\na.png,,cat\n'), [
    ['b.png', 'dog'],
    ...CAT,
  ]);
});

/** `%` stands for the manifest. */
const wrong: readonly (readonly [
  what: string,
  name: string,
  content: string | Buffer,
  pattern: RegExp,
  more?: object,
])[] = [
  ['nothing', 'a.csv', '', /^%: expected a list of pictures, found none/],
  ['a head alone', 'a.csv', 'path,label\n', /^%: expected a list of pictures, found none/],
  ['no head', 'a.csv', 'a.png,cat\nb.png,dog\n', /^%:1: expected a column for the path .*found a\.png, cat/],
  [
    'no such column',
    'a.csv',
    'path,label\na,b\n',
    /^%:1: expected a column for the label \(kind\)/,
    { labelColumn: 'kind' },
  ],
  [
    'a column twice',
    'a.csv',
    'path,label,label\na.png,cat,dog\n',
    /^%:1: expected one column "label", found several/,
  ],
  ['a field too many', 'a.csv', 'path,label\na.png,cat\nb, c.png,dog\n', /^%:3: expected 2 fields.*found 3/],
  [
    'a field too few, behind one of several lines',
    'a.csv',
    'path,label\n"a\nb",cat\nc\n',
    /^%:4: expected 2 fields.*found 1/,
  ],
  [
    'a quote that stays open',
    'a.csv',
    'path,label\na.png,cat\n"b.png,dog\nc.png,dog\n',
    /^%:3: expected a CSV record, found a quote that is never closed/,
  ],
  [
    'text behind quotes',
    'a.csv',
    'path,label\n"a".png,cat\n',
    /^%:2: expected a CSV record, found text behind a quoted field/,
  ],
  [
    'a picture twice',
    'a.csv',
    'path,label\na.png,cat\nb.png,cat\n./a.png,cat\n',
    /^%:4: expected each picture once, found a\.png again, first on line 2\./,
  ],
  [
    'a picture with two labels',
    'a.jsonl',
    '{"path":"a.png","label":"cat"}\n{"path":"a.png","label":"dog"}\n',
    /^%:2:.*a\.png again, first on line 1; its label is "dog" here and "cat" there/,
  ],
  ['a path without a name', 'a.csv', 'path,label\na.png,cat\n  ,dog\n', /^%:3: expected a path, found none/],
  [
    'an absolute path elsewhere',
    'a.csv',
    'path\n/etc/passwd\n',
    /^%:2: expected paths below .*found \/etc\/passwd/,
  ],
  [
    'a path that goes up',
    'a.csv',
    'path\na.png\n../a.png\n',
    /^%:3: expected paths below .*found \.\.\/a\.png/,
  ],
  [
    'an address',
    'a.csv',
    'path\nhttps://u:secret@a.example/x.png?sig=secret\n',
    /^%:2: expected paths of pictures, found the address https:\/\/a\.example\/x\.png\./,
  ],
  ['UTF-16', 'a.csv', utf16('path,label\na.png,cat\n'), /^%:1: expected text in UTF-8, found UTF-16/],
  [
    'UTF-16 without a mark',
    'a.tsv',
    utf16('path\tlabel\n').subarray(2),
    /^%:1: expected text in UTF-8, found UTF-16/,
  ],
  [
    'Latin-1',
    'a.csv',
    Buffer.from('path,label\na.png,cat\nb\xe4r.png,dog\n', 'latin1'),
    /^%:3: expected text in UTF-8, found other bytes/,
  ],
  [
    'a NUL character',
    'a.jsonl',
    '{"path":"abc.png"}\n{"path":"a\0b"}\n',
    /^%:2: expected text in UTF-8, found a NUL character/,
  ],
  [
    'a line that is cut',
    'a.jsonl',
    '{"path":"a.png","label":"cat"}\n{"path":"b.png","la\n',
    /^%:2: expected a JSON object/,
  ],
  ['a list instead of an object', 'a.ndjson', '\n["a.png"]\n', /^%:2: expected a JSON object/],
  [
    'a label that is none',
    'a.jsonl',
    '{"path":"a.png","label":{"is":"cat"}}\n',
    /^%:1: expected a label.*found \{"is":"cat"\}/,
  ],
  [
    'a line without a path',
    'a.jsonl',
    '{"path":"a.png"}\n{"label":"cat"}\n',
    /^%:2: expected a column for the path/,
  ],
  [
    'a line without end',
    'a.jsonl',
    `{"path":"a.png"}\n${' '.repeat(1_000_001)}`,
    /^%:2: expected a path and its labels, found more than 1000000 characters/,
  ],
  [
    'a list instead of COCO',
    'a.json',
    '[]',
    /^%:1: expected COCO's form.*found text that is not a JSON object/,
  ],
  ['no COCO', 'a.json', '{"images":[]}', /^%: expected COCO's form.*found no list "annotations"/],
  ['a list of numbers', 'a.json', coco({ images: [7] }), /^%: .*found no list "images" of objects/],
  [
    'JSON lines that are called JSON',
    'a.json',
    '{"path":"a.png"}\n{"path":"b.png"}\n',
    /^%:2: expected COCO's form.*found text that is not JSON/,
  ],
  [
    'a category that is not listed',
    'a.json',
    coco({ categories: [] }),
    /^%: .*found annotation 1 of category 7, which is not listed/,
  ],
  [
    'a category without a name',
    'a.json',
    coco({ categories: [{ id: 7 }] }),
    /^%: .*found category 7 without a name/,
  ],
  [
    'a category twice',
    'a.json',
    coco({
      categories: [
        { id: 7, name: 'cat' },
        { id: 7, name: 'dog' },
      ],
    }),
    /^%: .*found several categories with the id 7/,
  ],
  [
    'ids that are text here and numbers there',
    'a.json',
    coco({ images: [{ id: '1', file_name: 'a.png' }] }),
    /^%: .*found annotation 1 of image 1, which is not listed/,
  ],
  [
    'an image id twice',
    'a.json',
    coco({
      images: [
        { id: 1, file_name: 'a.png' },
        { id: 1, file_name: 'b.png' },
      ],
    }),
    /^%: .*found several images with the same id/,
  ],
  [
    'an image without a file',
    'a.json',
    coco({ images: [{ id: 1 }] }),
    /^%: .*found image 1 without a file_name/,
  ],
  [
    'an image twice',
    'a.json',
    coco({
      images: [
        { id: 1, file_name: 'a.png' },
        { id: 2, file_name: 'a.png' },
      ],
    }),
    /^%: expected each picture once, found a\.png again/,
  ],
];
for (const [what, name, content, pattern, more] of wrong)
  test(`${name} with ${what} is refused`, async () => {
    const thrown: unknown = await read(name, content, more).catch((error: unknown) => error);
    assert.ok(thrown instanceof LensError, String(thrown));
    assert.equal(thrown.kind, 'usage');
    assert.match(thrown.message.replace(join(folder, name), '%'), pattern);
    assert.ok(thrown.fix !== undefined || thrown.remedies.length > 0);
    assert.doesNotMatch(thrown.message, /secret/);
  });

test('a list without labels is read, and says so', async () => {
  const { entries, note } = await read('bare.csv', 'path,kind\na.png,cat\n');
  assert.deepEqual(entries[0]?.label, null);
  assert.match(note ?? '', /No metrics: none of the 1 pictures of bare\.csv has a label/);
  assert.equal((await read('a.csv', 'path,label\na.png,cat\nb.png,\n')).note, undefined);
});

test('a manifest that cannot be read names itself', async () => {
  mkdirSync(join(folder, 'folder.csv'), { recursive: true });
  await assert.rejects(
    readSet({
      source: join(folder, 'gone.csv'),
      labels: null,
      pathColumn: null,
      labelColumn: null,
      root: null,
    }),
    /gone\.csv: expected a folder of pictures or a manifest, found nothing there/,
  );
});
