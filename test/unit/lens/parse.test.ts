/** What a lens may say, and what is said of one that says something else: place, expected, found, nearest word. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LensError } from '../../../server/src/errors';
import { builtInLens, builtInLenses } from '../../../server/src/lens/lens-file';
import { parseLens } from '../../../server/src/lens/parse';

const problemOf = (text: string): string => {
  try {
    parseLens(text, 'mine.lens.json');
  } catch (thrown) {
    assert.ok(thrown instanceof LensError);
    assert.equal(thrown.kind, 'usage');
    return thrown.message;
  }
  return 'none';
};

test('JSON with comments, trailing commas and a byte order mark', () => {
  const { lens, at } = parseLens(
    '\uFEFF// of my model\n{ "labels": ["a", "b",], /* why */ "target": "b" }',
    'x.json',
  );
  assert.deepEqual(lens, { labels: ['a', 'b'], target: 'b' });
  assert.equal(at('target'), 'x.json:2:46');
  assert.equal(at('labels', 1), 'x.json:2:19');
  assert.equal(at('output', 'name'), 'x.json:2:1', 'what is not there is at what would hold it');
});

test('every built-in lens reads', () => {
  assert.deepEqual(builtInLenses(), ['fsbi', 'imagenet', 'mobilenet_v2', 'sbi', 'torchvision']);
  for (const name of builtInLenses()) assert.notEqual(builtInLens(name)?.lens.description, undefined);
});

const wrong: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  [
    'an unknown key',
    '{\r\n  "labls": []\r\n}',
    /^mine\.lens\.json:2:3: expected one of the keys .*found "labls"\. Did you mean "labels"\?$/,
  ],
  [
    'a key of another part',
    '{"input": {"activation": "none"}}',
    /:1:12: input: expected one of the keys layout, type, size, range, found "activation"/,
  ],
  [
    'a word in capitals',
    '{"input": {"layout": "nchw"}}',
    /:1:22: input\.layout: expected one of NCHW.*found "nchw"\. Did you mean "NCHW"\?/,
  ],
  [
    'the beginning of a word',
    '{"detector": {"use": "retina"}}',
    /detector\.use: .*Did you mean "retinaface"\?/,
  ],
  [
    'a range that holds nothing',
    '{"input": {"range": [1, 1]}}',
    /:1:21: input\.range: expected the least value before a greater one, found \[1, 1\]/,
  ],
  [
    'another type',
    '{"labels": 3}',
    /:1:12: labels: expected a list of 1 to 100000 strings, or a string of 1 to 1000 characters, found 3/,
  ],
  [
    'a number beyond its bounds',
    '{"output": {"threshold": 1}}',
    /output\.threshold: expected a number above 0 and below 1, found 1/,
  ],
  [
    'a size that is none',
    '{"input": {"size": [224, 0]}}',
    /input\.size\[1\]: expected a whole number from 1 to 16384, found 0/,
  ],
  [
    'three sides',
    '{"input": {"size": [1, 2, 3]}}',
    /input\.size: expected a list of exactly 2 whole numbers from 1 to 16384, found 3 items/,
  ],
  [
    'the same key twice',
    '{"target": "a", "target": "b"}',
    /:1:17: target: expected each key once, found it a second time/,
  ],
  [
    'the same method twice',
    '{"methods": ["gradcam", "gradcam"]}',
    /methods\[1\]: expected each item once, found "gradcam" a second time/,
  ],
  [
    'a step without a name',
    '{"preprocess": [{"size": 3}]}',
    /preprocess\[0\]\.step: expected .*found no "step"/,
  ],
  [
    'an unknown step',
    '{"preprocess": [{"step": "resise"}]}',
    /:1:26: preprocess\[0\]\.step: expected one of resize, .*"resise"\. Did you mean "resize"\?/,
  ],
  [
    'an unknown parameter',
    '{"preprocess": [{"step": "resize", "sise": 3}]}',
    /:1:36: preprocess\[0\]: expected one of the keys step, .*"sise"\. Did you mean "size"\?/,
  ],
  [
    'a parameter that is none',
    '{"preprocess": [{"step": "resize", "filter": "cubic"}]}',
    /:1:46: preprocess\[0\]\.filter: .*found "cubic"/,
  ],
  [
    'a parameter that is missing',
    '{"preprocess": [{"step": "normalize"}]}',
    /:1:17: preprocess\[0\]\.mean: expected .*found nothing/,
  ],
  [
    'parameters that do not go together',
    '{"preprocess": [{"step": "crop", "size": 3, "fraction": 0.5}]}',
    /:1:57: preprocess: step 1 \(crop\), "fraction"/,
  ],
  [
    'a step that needs another before it',
    '{"preprocess": [{"step": "wavelet"}]}',
    /:1:17: preprocess: step 1 \(wavelet\): .*put a rescale step before it/,
  ],
  ['a zero in a text', '{"target": "a\\u0000"}', /target: expected a string/],
  ['a list instead of a lens', '[]', /:1:1: expected an object, found a list of 0 items/],
  ['no text', '', /:1:1: expected JSON.*found the end of the file/],
  ['a text that ends early', '{"labels": [', /:1:13: expected JSON.*found the end of the file/],
  ['JavaScript', "{labels: ['a']}", /:1:2: expected JSON.*found "labels: \['a'\]}"/],
  ['brackets without end', '['.repeat(200_000), /:1:17: expected up to 16 levels of brackets/],
  [
    'a large file',
    `{"target": "${'x'.repeat(300_000)}"}`,
    /expected a lens of up to 262144 bytes, found 300014/,
  ],
  [
    'JavaScript’s own keys',
    '{"__proto__": {"labels": ["a"]}, "constructor": 1}',
    /found "__proto__".*found "constructor"/,
  ],
];

describe('refused', () => {
  for (const [what, text, message] of wrong) test(what, () => assert.match(problemOf(text), message));

  test('every problem is named, in the order of the text', () => {
    const message = problemOf(
      '{\n"targt": "a",\n"methods": ["gradcm"],\n"output": {"activation": "soft"}\n}',
    );
    assert.match(message, /:2:1: .*"target"\? .*:3:13: .*"gradcam"\? .*:4:26: .*"softmax"\?$/);
  });
});
