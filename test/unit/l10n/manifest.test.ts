/** Every text of the manifest has a key, every key a text in every language, and nothing is left over. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { root } from '../../support/cli';

const read = (file: string): unknown => JSON.parse(readFileSync(join(root, file), 'utf8'));

const files = readdirSync(root).filter((name) => /^package\.nls.*\.json$/.test(name));

/** Properties whose texts people read; those of menus, views and grammars that programs read are others. */
const READ =
  /^(?:title|description|markdownDescription|markdownEnumDescriptions|displayName|userDescription|contents|name)$/;

/** Names, which are the same in every language, and what only programs read. */
const NAMES = /^(?:Inference Lens|inference-lens|inference_lens_\w+|MIT)$/;

interface Place {
  readonly path: string;
  readonly text: string;
}

/** Every text below a value, with the properties that lead to it. */
function textsIn(value: unknown, path: readonly string[] = []): readonly Place[] {
  if (typeof value === 'string') return [{ path: path.join('.'), text: value }];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, [...path, key]));
}

const manifest = textsIn(read('package.json'));
const used = manifest.flatMap(({ text }) => /^%(.+)%$/.exec(text)?.[1] ?? []);

describe('the manifest', () => {
  test('has languages beside English', () => {
    assert.deepEqual(files.sort(), ['package.nls.de.json', 'package.nls.json', 'package.nls.zh-cn.json']);
    assert.ok(used.length > 90, `${used.length} keys`);
  });

  test('has a key for whatever people read', () => {
    const shown = manifest.filter(({ path }) => /^(?:contributes|capabilities|description)/.test(path));
    const bare = shown.filter(({ path, text }) => {
      const last =
        path
          .split('.')
          .filter((part) => !/^\d+$/.test(part))
          .at(-1) ?? '';
      return READ.test(last) && !/^%.+%$/.test(text) && !NAMES.test(text) && !path.includes('inputSchema');
    });
    assert.deepEqual(bare, []);
  });

  for (const file of files)
    test(`${file} has every key that is used, and no other`, () => {
      const texts = read(file) as Readonly<Record<string, string>>;
      assert.deepEqual(Object.keys(texts).sort(), [...new Set(used)].sort());
      for (const [key, text] of Object.entries(texts)) assert.ok(text.trim() !== '', key);
    });
});

describe('a translation of the manifest', () => {
  const english = read('package.nls.json') as Readonly<Record<string, string>>;
  const parts = (text: string) => ({
    code: (text.match(/`[^`]+`/g) ?? []).sort(),
    links: (text.match(/\]\(command:[^)]+\)/g) ?? []).sort(),
    lines: text.split('\n').length,
    more: text.endsWith('...'),
  });
  for (const file of files.filter((name) => name !== 'package.nls.json'))
    test(`${file} keeps code, links and lines`, () => {
      const texts = read(file) as Readonly<Record<string, string>>;
      for (const [key, text] of Object.entries(english))
        assert.deepEqual(parts(texts[key] ?? ''), parts(text), key);
    });
});

/** VS Code looks for `NAME.nls.LANGUAGE.md` beside a page of the walkthrough. */
describe('pages of the walkthrough', () => {
  const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    contributes: { walkthroughs: { steps: { media: { markdown: string } }[] }[] };
  };
  const pages = contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.markdown));
  const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([found]) => found).sort();
  for (const page of pages)
    for (const language of ['de', 'zh-cn'])
      test(`${page} in ${language}`, () => {
        const english = readFileSync(join(root, page), 'utf8');
        const translated = readFileSync(join(root, page.replace(/\.md$/, `.nls.${language}.md`)), 'utf8');
        for (const pattern of [/`[^`]+`/g, /\]\([^)]+\)/g, /^(?:#|-|\d\.|\|)/gm, /[\d.]+%/g])
          assert.deepEqual(all(translated, pattern), all(english, pattern), String(pattern));
        const bold = /(?<=\*\*)[^*\n]+(?=\*\*)/g;
        assert.equal(all(translated, bold).length, all(english, bold).length);
        // A command is called as its menu entry is.
        const titles = read(`package.nls.${language}.json`) as Record<string, string>;
        for (const [key, title] of Object.entries(read('package.nls.json') as Record<string, string>))
          if (all(english, bold).includes(title))
            assert.ok(all(translated, bold).includes(titles[key] ?? ''), titles[key]);
      });
});
