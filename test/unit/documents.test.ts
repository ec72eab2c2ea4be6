/** What documents name exists: links, paths, scripts, commands, options, settings. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { OPTIONS } from '../../protocol/options';
import { notifications, requests } from '../../protocol/requests';
import { STEPS } from '../../protocol/steps';
import type { Schema } from '../../server/src/lens/json-schema';
import { lensSchema } from '../../server/src/lens/schema';
import { help } from '../../server/src/cli/help';
import { commands as commandsOfServer } from '../../server/src/lsp/execute';
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

/** Every file and folder of the checkout that documents may name. */
const inCheckout: readonly string[] = [
  ...['protocol', 'painting', 'files', 'client', 'server', 'webview', 'models', 'test', 'bench', 'scripts'],
  ...['docs', 'samples', '.vscode'],
].flatMap((folder) => [
  folder,
  ...readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
    (name) => `${folder}/${name.replaceAll('\\', '/')}`,
  ),
]);
const atRoot = readdirSync(root, { withFileTypes: true }).flatMap((entry) =>
  entry.isFile() ? [entry.name] : [],
);
const names = new Set([...atRoot, ...inCheckout.flatMap((path) => endings(path))]);

/** `server/src/lsp/trust.ts` is also called `lsp/trust.ts` and `trust.ts`. */
function endings(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, from) => parts.slice(from).join('/'));
}

const rooms = new Set(
  inCheckout.filter((path) => !/\.\w+$/.test(path)).map((path) => path.split('/').at(-1)),
);

/** Whether a piece of code in a document is the path of source code. */
function isSourcePath(code: string): boolean {
  if (!/^[\w.@-]+(\/[\w.@-]+)*\/?$/.test(code)) return false;
  const [first = '', ...rest] = code.split('/');
  return (
    /\.(ts|tsx|mjs|cjs|py|css)$/.test(code) || (rest.length > 0 && rooms.has(first) && !/\.\w+$/.test(code))
  );
}

/** History: what was measured, or changed, with files of that time. */
const present = documents.filter((document) => !/CHANGELOG|RESULTS|NOTES/.test(document));
/** Folders of a report. */
const ELSEWHERE: ReadonlySet<string> = new Set(['steps/a_input/', 'steps/b_preprocess/']);

test('documents name source files, folders and scripts that exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const wrong: string[] = [];
  let paths = 0;
  for (const document of present) {
    const text = read(document);
    for (const [, code = ''] of text.matchAll(/`([^`\n]+)`/g)) {
      if (!isSourcePath(code) || ELSEWHERE.has(code)) continue;
      paths += 1;
      if (!names.has(code.replace(/\/$/, ''))) wrong.push(`${document}: ${code}`);
    }
    for (const [, script = ''] of text.matchAll(/npm run ([\w:]+)/g))
      if (!(script in scripts)) wrong.push(`${document}: npm run ${script}`);
  }
  assert.ok(paths > 150, `${paths} paths`);
  assert.deepEqual(wrong, []);
});

test('documents name commands, options and settings that exist', () => {
  const options = new Set([...help.matchAll(/--([a-z][\w-]*)/g)].map(([, name]) => name));
  const commands = new Set([...help.matchAll(/^ {2}inference-lens ([a-z]+)/gm)].map(([, name]) => name));
  const manifest = read('package.json');
  const ofServer = new Set<string>(commandsOfServer);
  const wrong: string[] = [];
  let seen = 0;
  for (const document of present) {
    const text = read(document);
    for (const [, command = '', rest = ''] of text.matchAll(
      /(?:(?:`|^ {4}|npx |\$ )inference-lens|node dist\/cli\.js) ([a-z]+)([^`\n]*)/gm,
    )) {
      seen += 1;
      if (!commands.has(command)) wrong.push(`${document}: inference-lens ${command}`);
      for (const [, option = ''] of rest.matchAll(/ --([a-z][\w-]*)/g))
        if (!options.has(option)) wrong.push(`${document}: inference-lens ${command} --${option}`);
    }
    for (const [id] of text.matchAll(/inferenceLens\.[a-zA-Z]+/g))
      if (!manifest.includes(`"${id}"`) && !ofServer.has(id)) wrong.push(`${document}: ${id}`);
  }
  assert.ok(seen > 40, `${seen} commands`);
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
