/** Where the editor shows what was found of a test file. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  expectationAt,
  firstLine,
  lineFrom,
  messageOf,
  placed,
  spanOf,
} from '../../../client/src/checks/shown';
import { listCheck } from '../../../server/src/evaluation/checks/list';

const text = `{ "set": "pictures",
  "expect": {
    "accuracy": { "least": 0.9 }, "verdict": "red",
    "attention": [
      { "layer": "conv2",
        "in": "border", "most": 0.5 },
      { "layer": "conv2", "in": "face", "least": 0.1, "most": 0.4, "over": "every" }
    ],
    "healthy": ["conv*"], "confidence": { "least": 0.5 }, "probability": { "of": "red", "least": 0 },
    "baseline": { "rows": "rows.jsonl" }
  }
}`;
const { expectations, problems } = listCheck(text, '/set/a.check.json');
const lines = text.split('\n');

test('every expectation is listed in the order in which it is judged, with its own text, on its own line', () => {
  assert.deepEqual(problems, []);
  const shown = expectations.map(({ id, name, expected, place }) => {
    const { start, end } = firstLine(spanOf(place));
    assert.equal(start.line, end.line);
    return [id, name, expected, lines[start.line]!.slice(start.character, end.character)];
  });
  assert.deepEqual(shown, [
    // None may fail, where the file does not say otherwise.
    ['failed', 'pictures that could not be evaluated', 'at most 0', '"expect"'],
    ['verdict', 'verdict', '"red" everywhere', '"verdict": "red"'],
    ['accuracy', 'accuracy', 'at least 0.9', '"accuracy": { "least": 0.9 }'],
    ['confidence', 'confidence of the verdict', 'at least 0.5 everywhere', '"confidence": { "least": 0.5 }'],
    [
      'probability',
      'probability of "red"',
      'at least 0 everywhere',
      '"probability": { "of": "red", "least": 0 }',
    ],
    // Of several lines the first.
    ['attention/0', 'attention in the border of conv2', 'at most 0.5', '{ "layer": "conv2",'],
    [
      'attention/1',
      'attention in the face of conv2',
      '0.1 to 0.4 everywhere',
      '{ "layer": "conv2", "in": "face", "least": 0.1, "most": 0.4, "over": "every" }',
    ],
    ['healthy/0', 'health of conv*', 'no NaN or infinity, and values that are not all the same', '"conv*"'],
    [
      'baseline',
      'baseline',
      'the same verdicts, and probabilities within 0.0001',
      '"baseline": { "rows": "rows.jsonl" }',
    ],
  ]);
});

test('an error is shown at the expectation that it names, and one about something else at the file', () => {
  const about = (line: number, column: number) => expectationAt({ line, column }, expectations)?.id ?? null;
  assert.equal(about(6, 9), 'attention/0');
  assert.equal(about(7, 7), 'attention/1');
  assert.equal(about(3, 40), 'verdict');
  assert.equal(about(1, 3), null);
  assert.equal(about(2, 3), 'failed');
  const file = 'C:\\set (1)\\a.check.json';
  assert.deepEqual(placed(`${file}:7:7: expected a layer.`, file), {
    line: 7,
    column: 7,
    text: 'expected a layer.',
  });
  assert.equal(placed(`${file}: expected a set.`, file), null);
  assert.equal(placed('/b.check.json:7:7: expected a layer.', file), null);
  const { start } = lineFrom({ line: 7, column: 7 });
  assert.deepEqual(start, { line: 6, character: 6 });
});

test('what is wrong with a text has a place each', () => {
  const of = (broken: string) =>
    listCheck(broken, '/a.check.json').problems.map(({ line, column, message }) => [line, column, message]);
  assert.deepEqual(of('\uFEFF{\r\n "expect": { "acuracy": {}, "failed": {} }\r\n}').slice(0, 1), [
    [
      2,
      14,
      'expect: expected one of the keys verdict, accuracy, confidence, probability, attention, masks, healthy, failed, baseline, found "acuracy". Did you mean "accuracy"?',
    ],
  ]);
  assert.equal(of('{ "expect": ').length, 1);
  assert.equal(of('').length, 1);
});

test('a message names the first pictures', () => {
  const pictures = ['a', 'b', 'c', 'd', 'e', 'f'];
  const outcome = {
    id: 'accuracy',
    name: 'accuracy',
    passed: false,
    expected: 'x',
    found: 'y',
    at: '',
    pictures,
  };
  assert.equal(messageOf({ ...outcome, message: 'No.' }), 'No.\na\nb\nc\nd\ne');
});

test('a test file that is too long is called a test file, and so is one that is none', () => {
  const { problems: long } = listCheck(`{"description": "${'x'.repeat(300_000)}"}`, '/set/a.check.json');
  assert.match(long[0]?.message ?? '', /expected a test file of up to 262144 bytes, found 300019/);
  assert.match(long[0]?.fix ?? '', /over several test files/);
});
