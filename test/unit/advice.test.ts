/** Every fix of every error names something that its reader can do where it is read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import ts from 'typescript';
import { help } from '../../server/src/cli/help';
import { allAdvice, sourceFiles, textOf } from '../support/advice';
import { readManifest } from '../support/manifest';

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, unknown>> };
  };
}

const manifest = readManifest<Manifest>();
const settings = Object.keys(manifest.contributes.configuration.properties);
/** `inferenceLens.maxSize` is shown as “Inference Lens: Max Size”. */
const settingTitle = (key: string): string =>
  key
    .replace(/^inferenceLens\./, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/^./, (first) => first.toUpperCase());
const titles = new Set([
  ...settings.map(settingTitle),
  ...manifest.contributes.commands.map(({ title }) => title),
]);
const options = new Set([
  ...(help.match(/--[a-z][a-z-]*/g) ?? []),
  ...['--stdio', '--socket', '--pipe', '--node-ipc'], // of the server, as its library reads them
  '--analysis', // of the server
]);
const helpCommands = new Set([
  ...[...help.matchAll(/^ {2}inference-lens ([a-z]+)/gm)].map(([, name]) => name),
  ...[...help.matchAll(/^ {2}(?=.*<id>)(.*)$/gm)].flatMap(
    ([, line]) => line?.match(/\b(import|download|list|show|verify|remove)\b/g) ?? [],
  ),
]);

/** What is read from the environment, by us or by what we run, and may therefore be named. */
const environment = new Set([
  'INFERENCE_LENS_CACHE',
  'INFERENCE_LENS_QUEUE_PASSWORD',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
  'CUDA_PATH',
  'LD_LIBRARY_PATH',
  'PATH',
  'TMPDIR',
  'NVIDIA_TF32_OVERRIDE',
]);

/** Names of what does not exist, in one text. */
function unknownNames(text: string): readonly string[] {
  const unknown: string[] = [];
  const check = (pattern: RegExp, exists: (name: string) => boolean) => {
    for (const [, name = ''] of text.matchAll(pattern)) if (!exists(name)) unknown.push(name);
  };
  // Options of other programs stand behind their names (git, apt, npm); ours follow a space, a backtick or nothing.
  if (!/\b(git|npm|apt|apt-get|docker|pip|python|nvm|fnm|ldconfig|node|code) [^.]*--/.test(text))
    check(/(?:^|[\s`(])(--[a-z][a-z-]*)/g, (name) => options.has(name));
  check(
    /inferenceLens\.([A-Za-z]+)/g,
    (name) =>
      settings.includes(`inferenceLens.${name}`) ||
      manifest.contributes.commands.some(({ command }) => command === `inferenceLens.${name}`),
  );
  check(/“Inference Lens: ([^”{]+)”/g, (name) => titles.has(name));
  check(/(?:`|: |Run )inference-lens ([a-z]+)/g, (name) => helpCommands.has(name));
  check(/`npm run ([a-z:]+)/g, (name) => name in manifest.scripts);
  check(
    /\b([A-Z]+_[A-Z0-9_]*[A-Z0-9])\b/g,
    (name) => environment.has(name) || !/PROXY|CACHE|LENS|PATH/.test(name),
  );
  return unknown;
}

test('every option, setting, command and variable that any text names exists', () => {
  const wrong: string[] = [];
  let texts = 0;
  for (const file of sourceFiles()) {
    const visit = (node: ts.Node): void => {
      const text = ts.isImportDeclaration(node) ? null : textOf(node);
      if (text !== null && /[A-Za-z]{2}.* /.test(text)) {
        texts += 1;
        for (const name of unknownNames(text))
          wrong.push(`${file.fileName}: ${name} in ${JSON.stringify(text)}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  assert.ok(texts > 500, `${texts} texts were looked at`);
  assert.deepEqual(wrong, []);
});

test('a fix that is read at every door names no option, setting or command of one of them', () => {
  const oneDoor =
    /(^|[\s`(])--[a-z]|inference-lens [a-z]|“Inference Lens|inferenceLens\.|\bthe settings?\b|command line/;
  const wrong = allAdvice()
    .filter(({ at }) => at.startsWith('server/src/') && !/^server\/src\/(cli|lsp)\//.test(at))
    .filter(({ text }) => oneDoor.test(text) && !/\b(git|npm|ldconfig|docker) /.test(text));
  assert.deepEqual(wrong, []);
});

/**
 * Verbs that tell this program something, such as `Choose`: where no list of what there is stands in the sentence (`{}`), and no
 * remedies beside it, nobody can do so. Verbs of the reader's own world (export, download, free some space) need no handle of ours.
 */
const ours =
  /^(Say|Choose|Name|Report|Leave|Give|Pick|Select|Use|Set|Specify|Pass|Import|Remove|Analy[sz]e)\b/;

/** What can be done at every door without a name for it. */
const everywhere: readonly RegExp[] = [
  /^Analyze the image (itself )?again/,
  /INFERENCE_LENS_CACHE|HTTPS_PROXY/,
  /^Change "\w+" in the lens/, // a file that every door reads
  /^Give the path of /, // on the command line an argument, in an editor the file that is chosen
];

test('a fix that asks for a choice says what there is, or has remedies that each door words', () => {
  const wrong = allAdvice()
    .filter(({ at }) => at.startsWith('server/src/') && !/^server\/src\/(cli|lsp)\//.test(at))
    .filter(({ text, hasRemedies }) =>
      text
        .split(/(?<=[.;]) /)
        .some(
          (sentence) =>
            ours.test(sentence) &&
            !hasRemedies &&
            !sentence.includes('{}') &&
            !everywhere.some((known) => known.test(sentence)),
        ),
    );
  assert.deepEqual(wrong, []);
});
