/** What documents name exists: links, paths, scripts. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { OPTIONS } from '../../protocol/options';
import { notifications, requests } from '../../protocol/requests';
import { STEPS } from '../../protocol/steps';
import type { Schema } from '../../server/src/lens/json-schema';
import { lensSchema } from '../../server/src/lens/schema';
import { root } from '../support/cli';

const documents = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...['docs', 'bench'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

test('every link leads to a file, and to a heading that it has', () => {
  const broken: string[] = [];
  let links = 0;
  for (const document of documents)
    for (const [, target = ''] of read(document).matchAll(/\]\(((?!https?:|mailto:)[^)\s]+)\)/g)) {
      links += 1;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? document : join(dirname(document), path);
      if (!existsSync(join(root, file))) broken.push(`${document}: ${target}`);
      else if (anchor !== undefined) {
        const headings = [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
        if (!headings.includes(anchor)) broken.push(`${document}: ${target}`);
      }
    }
  assert.ok(links > 30, `${links} links`);
  assert.deepEqual(broken, []);
});

test('the pages for contributors name files and scripts that exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const wrong: string[] = [];
  for (const document of ['CONTRIBUTING.md', 'docs/RELEASE.md']) {
    const text = read(document);
    for (const [, path = ''] of text.matchAll(
      /`((?:protocol|server|client|webview|test|scripts|samples|\.vscode)\/[\w./-]*)`/g,
    ))
      if (!existsSync(join(root, path))) wrong.push(`${document}: ${path}`);
    for (const [, script = ''] of text.matchAll(/npm run ([\w:]+)/g))
      if (!(script in scripts)) wrong.push(`${document}: npm run ${script}`);
  }
  assert.deepEqual(wrong, []);
});

test('the pages of lenses and requests name every key, word, step and option', () => {
  const missing: string[] = [];
  const names = (schema: Schema): readonly string[] => [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => [key, ...names(inner)]),
    ...(schema.anyOf ?? []).flatMap(names),
    ...(schema.enum ?? []).map((word) => JSON.stringify(word)),
    ...(schema.items === undefined ? [] : names(schema.items)),
  ];
  const { preprocess, expect, ...keys } = lensSchema().properties ?? {};
  assert.ok(preprocess !== undefined && expect !== undefined);
  const pages: readonly (readonly [string, readonly string[]])[] = [
    ['docs/lens.md', [...Object.keys(keys), 'preprocess', 'expect', ...Object.values(keys).flatMap(names)]],
    [
      'docs/steps.md',
      Object.entries(STEPS).flatMap(([id, { parameters }]) => [id, ...Object.keys(parameters)]),
    ],
    ['docs/ci.md', names(expect).map((name) => name.replaceAll('"', ''))],
    [
      'docs/requests.md',
      [
        ...Object.values({ ...requests, ...notifications }).map(({ method }) => method),
        ...Object.keys(OPTIONS),
      ],
    ],
  ];
  for (const [page, words] of pages) {
    const text = read(page);
    for (const word of words)
      if (![`\`${word}\``, `.${word}\``, `"${word}"`].some((written) => text.includes(written)))
        missing.push(`${page}: ${word}`);
  }
  assert.deepEqual(missing, []);
});
