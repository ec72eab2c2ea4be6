/** Lists of class names in the forms in which people keep them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { labelsIn, labelsInMetadata } from '../../../server/src/lens/label-lists';
import { pythonLiteral } from '../../../server/src/lens/python-literal';

const files: readonly (readonly [
  what: string,
  name: string,
  text: string,
  labels: readonly string[] | null,
])[] = [
  ['one a line', 'labels.txt', 'real\r\nfake\r\n\r\n', ['real', 'fake']],
  ['numbered, as Teachable Machine', 'labels.txt', '0 Class 1\n1 Class 2\n', ['Class 1', 'Class 2']],
  ['names that begin with a number', 'labels.txt', '0 mph\n30 mph\n', ['0 mph', '30 mph']],
  ['an empty line between names', 'labels.txt', 'a\n\nb', ['a', '', 'b']],
  ['nothing', 'labels.txt', '', null],
  [
    'synsets before names',
    'synset.txt',
    'n01440764 tench, Tinca tinca\nn02123045 tabby\n',
    ['tench, Tinca tinca', 'tabby'],
  ],
  ['CSV without a head, the index last', 'classes.csv', 'real,1\nfake,0\n', ['fake', 'real']],
  ['CSV of numbers', 'classes.csv', '7\n9\n', ['7', '9']],
  ["Keras' class_indices", 'class_indices.json', '{"real": 1, "fake": 0}', ['fake', 'real']],
  [
    'imagenet_class_index.json',
    'x.json',
    '{"0": ["n01440764", "tench"], "1": ["n02123045", "tabby"]}',
    ['tench', 'tabby'],
  ],
  ['a column of CSV', 'classes.csv', 'real\nfake\n', ['real', 'fake']],
  [
    'a named column, in the order of the index',
    'c.csv',
    'class_id,name\n1,"dog, wet"\n0,"say ""cat"""\n',
    ['say "cat"', 'dog, wet'],
  ],
  ['an index with a gap', 'c.csv', 'id,name\n0,a\n2,b\n', null],
  ['a JSON list', 'labels.json', '["a", "b"]', ['a', 'b']],
  ['Hugging Face', 'config.json', '{"id2label": {"1": "b", "0": "a"}, "label2id": {"x": 0}}', ['a', 'b']],
  ['label2id alone', 'config.json', '{"label2id": {"b": 1, "a": 0}}', ['a', 'b']],
  ['timm', 'config.json', '{"label_names": ["n1", "n2"]}', ['n1', 'n2']],
  ['Teachable Machine', 'metadata.json', '{"labels": ["x", "y"], "imageSize": 224}', ['x', 'y']],
  ['names by index', 'names.json', '{"0": "a", "1": "b"}', ['a', 'b']],
  ['an index that is missing', 'config.json', '{"id2label": {"0": "a", "2": "b"}}', null],
  ['JSON without names', 'config.json', '{"hidden_size": 3}', null],
  ['JSON too deep', 'labels.json', '['.repeat(100_000), null],
  ['broken JSON', 'labels.json', '["a"', null],
];

describe('files', () => {
  for (const [what, name, text, labels] of files)
    test(what, () => assert.deepEqual(labelsIn(name, text)?.labels ?? null, labels));
});

describe('metadata', () => {
  const rows: readonly (readonly [string, Record<string, string>, readonly string[] | null, string?])[] = [
    ['Ultralytics', { names: "{0: 'fake', 1: \"it's real\"}" }, ['fake', "it's real"], 'names'],
    ['a list', { names: "['a', 'b']" }, ['a', 'b'], 'names'],
    ['PP-OCR', { character: '0\n180\n' }, ['0', '180'], 'character'],
    ['JSON', { id2label: '{"0": "a"}' }, ['a'], 'id2label'],
    ['code instead of a literal', { names: "__import__('os').system('id')" }, null],
    ['an index with a gap', { names: "{0: 'a', 2: 'b'}" }, ['a', 'class 1', 'b'], 'names'],
    ['an index that is none of a class', { names: "{0: 'a', 500: 'b'}" }, null],
    ['Python under the key of Hugging Face', { id2label: "{0: 'a', 1: 'b'}" }, ['a', 'b'], 'id2label'],
    ['between commas', { classes: 'a, b' }, ['a', 'b'], 'classes'],
    ['one a line', { labels: 'a\nb\n' }, ['a', 'b'], 'labels'],
    ['a config within', { config: '{"id2label": {"0": "a"}}' }, ['a'], 'id2label of config'],
    ['nothing', {}, null],
  ];
  for (const [what, metadata, labels, key] of rows)
    test(what, () => {
      const found = labelsInMetadata(new Map(Object.entries(metadata)));
      assert.deepEqual(found?.labels ?? null, labels);
      assert.equal(found?.key, key);
    });
});

test('literals of Python, and what is none', () => {
  assert.deepEqual(
    pythonLiteral("{'a': (1, -2.5e3, None), 2: [True, 'x\\n\\u00e9\\'']}"),
    new Map<string | number, unknown>([
      ['a', [1, -2500, null]],
      [2, [true, "x\né'"]],
    ]),
  );
  for (const text of [
    '',
    '{',
    "'a",
    "{1: 'a'",
    'open("x")',
    '1 + 1',
    '['.repeat(10_000),
    "'\\q'",
    '[1 2]',
    '{[1]: 2}',
  ])
    assert.equal(pythonLiteral(text), undefined, text.slice(0, 20));
});
