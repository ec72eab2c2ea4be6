/** `lens adopt` changes the labels of a lens and not a byte besides, however its author writes JSON; or refuses, and changes nothing. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { adoptOrder } from '../../../server/src/evaluation/detective/adopt';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('adopt');
const evaluation = join(folder, 'evaluation');
mkdirSync(evaluation);
const put = (name: string, value: object): void =>
  writeFileSync(join(evaluation, name), JSON.stringify(value));
const model = { name: 'net', sha256: '', architecture: 'net' };
const shape = { classes: ['a', 'b'], layers: [], threshold: null, set: { count: 4 } };
put('head.json', { shard: null, head: { ...shape, model, lens: [] } });
put('summary.json', { layers: [], charts: [], order: { better: { labels: ['b', 'a'] } } });

const lens = join(folder, 'mine.lens.json');
const adopt = async (bytes: string | Uint8Array): Promise<string> => {
  writeFileSync(lens, bytes);
  await adoptOrder(evaluation, lens);
  return readFileSync(lens, 'utf8');
};

/** Each with the labels as they are written; what is left of a text without them has to stay. */
const labels = '["a", "b"]';
const odd: Readonly<Record<string, string>> = {
  'comments everywhere': `// first\n{ /* before */ "labels" /* after */: ${labels} /* behind */, // line\n  "target": "a" }\n// last\n`,
  'a comment in the list': '{ "labels": [ // the first\n    "a", /* the second */ "b" ] }',
  'trailing commas': `{ "methods": ["gradcam",], "labels": ${labels}, }`,
  'CRLF and tabs': `{\r\n\t"description": "x",\r\n\t"labels": ${labels}\r\n}\r\n`,
  'a byte order mark': `\ufeff{ "labels": ${labels} }`,
  'no line break at the end': `{"labels":${labels}}`,
  'escapes in names': `{ "l\\u0061bels": ${labels}, "description": "\\u00e9 \\\\ \\"labels\\"" }`,
  'the word in another place': `{ "description": "labels", "labels": ${labels}, "layers": ["labels"] }`,
  'wide text': `{ "description": "${'説明 🙂 '.repeat(50)}", "labels": ${labels} }`,
};
for (const [what, text] of Object.entries(odd))
  test(`only the labels change: ${what}`, async () => {
    const after = await adopt(text);
    // The two names change places in the list, and what stands around them stays: comments, commas, line breaks.
    const swapped = text.replace(/(bels"[^[]*\[)([^\]]*)/, (_, head: string, items: string) =>
      head.concat(items.replace(/"[ab]"/g, (name) => (name === '"a"' ? '"b"' : '"a"'))),
    );
    assert.notEqual(swapped, text);
    assert.equal(after, swapped);
  });

test('a lens without labels gets them, and one that is not there is made', async () => {
  assert.match(
    await adopt('{\r\n  "target": "predicted" // why\r\n}\r\n'),
    /"target": "predicted",? \/\/ why/,
  );
  assert.match(await adopt('{}'), /"labels": \[\s*"b",\s*"a"\s*\]/);
  const made = join(folder, 'new.lens.json');
  assert.equal((await adoptOrder(evaluation, made)).isNew, true);
  assert.deepEqual(JSON.parse(readFileSync(made, 'utf8')), { labels: ['b', 'a'] });
});

const refused: Readonly<Record<string, string | Uint8Array>> = {
  'duplicate keys': `{ "labels": ${labels}, "labels": ["b", "a"] }`,
  'no JSON': '{ "labels": [',
  'a list': '["a", "b"]',
  'nothing at all': '',
  'only a comment': '// nothing',
  'deep nesting': `{ "labels": ${'['.repeat(100_000)}${']'.repeat(100_000)} }`,
  'more than a lens may have': `{ "description": "${'x'.repeat(2 << 20)}", "labels": ${labels} }`,
  'UTF-16': Buffer.from(`\ufeff{ "labels": ${labels} }`, 'utf16le'),
  'an unknown key': `{ "label": ${labels} }`,
  'labels of another network': '{ "labels": ["x", "y"] }',
};
for (const [what, text] of Object.entries(refused))
  test(`refused, and not changed: ${what}`, async () => {
    writeFileSync(lens, text);
    const before = readFileSync(lens);
    await assert.rejects(adoptOrder(evaluation, lens), { kind: 'usage', message: /mine\.lens\.json/ });
    assert.deepEqual(readFileSync(lens), before);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.new')),
      [],
    );
  });

test('a link stays one: the file that it leads to is written', async () => {
  const real = join(folder, 'real.lens.json');
  const link = join(folder, 'link.lens.json');
  writeFileSync(real, `{ "labels": ${labels} }`);
  symlinkSync(real, link);
  await adoptOrder(evaluation, link);
  assert.match(readFileSync(real, 'utf8'), /"b",\s*"a"/);
});
