/** Edits of a lens change one value and nothing else, however its author writes JSON. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getNodeValue } from 'jsonc-parser';
import type { Edit } from '../../../server/src/lens/edit-lens';
import { edited, insertItem, removeValue, setValue } from '../../../server/src/lens/edit-lens';
import { treeOf } from '../../../server/src/lens/text-tree';

/** What follows the last entry, and whether the first one is on the line of the bracket. */
const BRACKETS = [
  ['', false],
  [',', false],
] as const;

interface Style {
  readonly name: string;
  readonly text: string;
  readonly eol: string;
  readonly indent: string;
}

/** Every way to write the same lens: line ends, mark, indentation, trailing commas, comments, the first entry beside its bracket or below. */
function* styles(): Generator<Style> {
  for (const eol of ['\n', '\r\n'])
    for (const mark of ['', '\ufeff'])
      for (const indent of ['', '  ', '    ', '\t'])
        for (const [trailing, beside] of [...BRACKETS, ...(indent === '' ? [] : [['', true] as const])])
          for (const comments of ['none', 'behind', 'above', 'everywhere'] as const) {
            let count = 0;
            const line = indent === '' ? '' : eol;
            const say = (where: typeof comments, text: string): string =>
              comments === where || (comments === 'everywhere' && where !== 'none') ? text : '';
            const list = (depth: number, open: string, entries: readonly string[], close: string): string => {
              const inner = line + indent.repeat(depth);
              const parts = entries.map((entry, i) => {
                const before = beside && i === 0 ? ' ' : inner;
                const last = i === entries.length - 1;
                count += 1;
                const note = indent === '' ? `/* n${count} */` : `// n${count}`;
                const comma = last ? trailing : ',';
                return `${before}${say('above', `/* a${count} */${before}`)}${entry}${comma}${say('behind', ` ${note}`)}`;
              });
              return `${open}${parts.join('')}${line}${indent.repeat(depth - 1)}${close}`;
            };
            const steps = list(2, '[', ['{ "step": "resize" }', '{"step":"normalize","mean":0.5}'], ']');
            const entries = ['"model": "m.onnx"', `"preprocess": ${steps}`, '"labels": ["a", "b"]'];
            const text = `${mark}${list(1, '{', entries, '}')}${line}`;
            yield {
              name: JSON.stringify([eol, mark, indent, trailing, beside, comments]),
              text,
              eol,
              indent,
            };
          }
}

const valueOf = (text: string): unknown => {
  const tree = treeOf(text);
  return tree === undefined ? undefined : structuredClone(getNodeValue(tree));
};

const commentsIn = (text: string): readonly string[] => text.match(/\/\/[^\r\n]*|\/\*.*?\*\//g) ?? [];

const removedBy = (text: string, edits: readonly Edit[]): string =>
  edits.map(({ offset, length }) => text.slice(offset, offset + length)).join('');
const addedBy = (edits: readonly Edit[]): string => edits.map(({ content }) => content).join('');
const bare = (text: string): string => text.replace(/\s/g, '');

const model = { model: 'm.onnx' };
const [resize, normalize] = [{ step: 'resize' }, { step: 'normalize', mean: 0.5 }];
const labels = { labels: ['a', 'b'] };
const rescale = { step: 'rescale', factor: 0.5 };
const RESCALE = '{"step":"rescale","factor":0.5}';

/** Each with what it takes out and puts in, without spaces, and the value that the whole has then. */
const operations: readonly {
  readonly what: string;
  readonly edit: (text: string) => readonly Edit[];
  readonly out: string;
  readonly in: RegExp;
  readonly value: unknown;
}[] = [
  {
    what: 'labels of another order',
    edit: (text) => setValue(text, ['labels'], ['b', 'a'], { first: true }),
    ...{
      out: '"a""b"',
      in: /^"b""a"$/,
      value: { ...model, preprocess: [resize, normalize], labels: ['b', 'a'] },
    },
  },
  {
    what: 'labels in a file',
    edit: (text) => setValue(text, ['labels'], 'l.txt'),
    ...{
      out: '["a","b"]',
      in: /^"l\.txt"$/,
      value: { ...model, preprocess: [resize, normalize], labels: 'l.txt' },
    },
  },
  {
    what: 'a key that is new, first',
    edit: (text) => setValue(text, ['target'], 'a', { first: true }),
    ...{
      out: '',
      in: /^"target":"a",$/,
      value: { target: 'a', ...model, preprocess: [resize, normalize], ...labels },
    },
  },
  {
    what: 'a key that is new, with the object around it',
    edit: (text) => setValue(text, ['output', 'activation'], 'softmax'),
    ...{ out: '', in: /^,?"output":\{"activation":"softmax"\},?$/ },
    value: { ...model, preprocess: [resize, normalize], ...labels, output: { activation: 'softmax' } },
  },
  {
    what: 'a key of a step',
    edit: (text) => setValue(text, ['preprocess', 0, 'like'], 'pillow'),
    ...{ out: '', in: /^,"like":"pillow"$/ },
    value: { ...model, preprocess: [{ ...resize, like: 'pillow' }, normalize], ...labels },
  },
  ...[0, 1, 2].map((at) => ({
    what: `a step at ${at}`,
    edit: (text: string) => insertItem(text, ['preprocess', at], rescale),
    ...{ out: '', in: new RegExp(`^,?${RESCALE.replace(/[{}.]/g, '\\$&')},?$`) },
    value: { ...model, preprocess: [resize, normalize].toSpliced(at, 0, rescale as never), ...labels },
  })),
  ...[0, 1].map((at) => ({
    what: `without step ${at}`,
    edit: (text: string) => removeValue(text, ['preprocess', at]),
    ...{ out: ['{"step":"resize"}', '{"step":"normalize","mean":0.5}'][at]!, in: /^$/ },
    value: { ...model, preprocess: [resize, normalize].toSpliced(at, 1), ...labels },
  })),
  {
    what: 'without the model',
    edit: (text) => removeValue(text, ['model']),
    ...{ out: '"model":"m.onnx"', in: /^$/, value: { preprocess: [resize, normalize], ...labels } },
  },
  {
    what: 'without labels',
    edit: (text) => removeValue(text, ['labels']),
    ...{ out: '"labels":["a","b"]', in: /^$/, value: { ...model, preprocess: [resize, normalize] } },
  },
];

for (const { what, edit, out, in: added, value } of operations)
  test(`only this changes: ${what}`, () => {
    for (const { name, text, eol, indent } of styles()) {
      const edits = edit(text);
      const after = edited(text, edits);
      assert.deepEqual(valueOf(after), value, `${name}\n${after}`);
      assert.deepEqual(commentsIn(after), commentsIn(text), `${name}: comments stay, in order\n${after}`);
      // One comma goes with what is taken out.
      const removed = bare(removedBy(text, edits));
      assert.equal(removed.replace(/^,|,$/g, ''), out, name);
      assert.ok(removed.length - out.length <= 1, name);
      assert.match(bare(addedBy(edits)), added, name);
      if (eol === '\r\n') assert.ok(!/[^\r]\n/.test(after), `${name}: line breaks are of one kind`);
      for (const [, space = ''] of after.matchAll(/(?:^|[\r\n])([ \t]+)(?=\S)/g))
        assert.ok(indent !== '' && space.replaceAll(indent, '') === '', `${name}: indented alike\n${after}`);
      assert.ok(indent === '' || !/[ \t](?=[\r\n])/.test(after), `${name}: nothing trails\n${after}`);
    }
  });

test('a value that is there already changes nothing', () => {
  for (const { text } of styles()) assert.deepEqual(setValue(text, ['labels'], ['a', 'b']), []);
});

test('empty texts, lists and objects, with and without comments', () => {
  const one = (text: string): string => edited(text, setValue(text, ['labels'], ['a'], { first: true }));
  assert.equal(one('{}'), '{"labels": ["a"]}');
  assert.equal(one('{\n}\n'), '{\n  "labels": ["a"]\n}\n');
  assert.equal(one('{ // why\r\n\r\n}'), '{ // why\r\n  "labels": ["a"]\r\n\r\n}');
  assert.equal(one('{ /* a */ }'), '{ "labels": ["a"] /* a */ }');
  const step = (text: string): string => edited(text, insertItem(text, ['preprocess', 0], resize));
  assert.equal(step('{"preprocess":[]}'), '{"preprocess":[{ "step": "resize" }]}');
  assert.equal(
    step('{\n\t"preprocess": [\n\t]\n}'),
    '{\n\t"preprocess": [\n\t\t{ "step": "resize" }\n\t]\n}',
  );
});

test('texts that are no lens are not changed', () => {
  for (const text of ['', '// nothing', '[]', '5', `{"a": ${'['.repeat(100_000)}`])
    assert.deepEqual(setValue(text, ['labels'], ['a']), [], text.slice(0, 20));
});
