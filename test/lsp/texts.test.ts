/** Paths of images in texts, commands by name, and the report that is shown: what any editor has of the built server without code of its own. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CodeAction, Hover } from 'vscode-languageserver-types';
import { encodeModel } from '../../server/src/onnx/write';
import { samplePath } from '../support/cli';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';
import { rawClient, type RawClient, type RawMessage } from './raw-client';

const place = temporaryFolder('lsp-texts');
const weights = join(place, 'small.onnx');
const image = join(place, 'portrait.png');
const code = join(place, 'code.py');
const uri = pathToFileURL(code).href;
const text = 'import cv2\nimage = cv2.imread("portrait.png")\nother = "../../etc/x.png"\n';
let client: RawClient;
let asked = 0;

before(async () => {
  writeFileSync(weights, encodeModel(smallClassifier()));
  cpSync(samplePath, image);
  client = rawClient({
    cwd: place,
    answer: ({ method }) =>
      method === 'window/showDocument' ? { result: { success: true } } : { result: null },
  });
  const { result } = await ask('initialize', {
    processId: process.pid,
    workspaceFolders: [{ uri: pathToFileURL(place).href, name: 'place' }],
    capabilities: { window: { showDocument: { support: true } } },
    initializationOptions: { weights, device: 'cpu' },
  });
  const { capabilities } = result as { capabilities: { executeCommandProvider: { commands: string[] } } };
  assert.deepEqual(capabilities.executeCommandProvider.commands, [
    'inferenceLens.analyzeFile',
    'inferenceLens.createLensFile',
  ]);
  client.send({
    method: 'textDocument/didOpen',
    params: { textDocument: { uri, languageId: 'python', version: 1, text } },
  });
});
after(async () => {
  await ask('shutdown', null);
  client.send({ method: 'exit' });
  assert.equal(await client.end(), 0);
  assert.equal(client.stderr(), '');
});

function ask(method: string, params: unknown): Promise<RawMessage> {
  const id = `ask ${++asked}`;
  client.send({ id, method, params });
  return client.next((message) => message.id === id && message.method === undefined);
}

const at = (line: number, character: number) => ({ textDocument: { uri }, position: { line, character } });
const hovered = async (line: number, character: number): Promise<string | null> => {
  const { result } = await ask('textDocument/hover', at(line, character));
  return ((result as Hover | null)?.contents as { value: string } | undefined)?.value ?? null;
};

test(
  'hover, code action, analysis, the report shown, and its verdict from then on',
  { timeout: 120_000 },
  async () => {
    assert.match(
      (await hovered(1, 24)) ?? '',
      /`portrait\.png`: \d+ x \d+ pixels, \d+ kB\n\nNot analyzed yet\./,
    );
    assert.equal(await hovered(0, 3), null);
    assert.equal(await hovered(2, 14), null, 'out of the workspace');

    const start = { line: 1, character: 24 };
    const context = { diagnostics: [] };
    const { result } = await ask('textDocument/codeAction', {
      textDocument: { uri },
      range: { start, end: start },
      context,
    });
    const [action] = result as CodeAction[];
    assert.deepEqual(action?.command?.arguments, [image]);
    const done = (await ask('workspace/executeCommand', {
      command: action.command.command,
      arguments: action.command.arguments,
    })) as { result: { ok: boolean; value: { folder: string } } };
    assert.ok(done.result.ok, JSON.stringify(done.result).slice(0, 1000));
    const shown = (await client.next(({ method }) => method === 'window/showDocument')).params as {
      uri?: string;
    };
    assert.equal(fileURLToPath(shown.uri ?? ''), join(done.result.value.folder, 'report.md'));
    assert.ok(existsSync(fileURLToPath(shown.uri ?? '')));
    assert.match((await hovered(1, 24)) ?? '', /Verdict: \*\*class \d \d+\.\d%\*\*/);
  },
);

test('what goes wrong with a command is shown and answered', async () => {
  const wrong: readonly (readonly [command: string, given: unknown[], expected: RegExp])[] = [
    ['inferenceLens.analyzeFile', [], /first argument should be the path or URI of an image/],
    ['inferenceLens.analyzeFile', [join(place, 'none.png')], /none\.png/],
    ['inferenceLens.other', [], /There is no command "inferenceLens\.other"/],
  ];
  for (const [command, given, expected] of wrong) {
    const { result } = await ask('workspace/executeCommand', { command, arguments: given });
    const { ok, failure } = result as { ok: boolean; failure: { message: string } };
    assert.equal(ok, false);
    assert.match(failure.message, expected);
    await client.next(
      ({ method, params }) => method === 'window/showMessage' && expected.test(params?.message ?? ''),
    );
  }
});

test(
  'layers that are not finite are a problem of the model, or of its lens, until they are mended',
  { timeout: 120_000 },
  async () => {
    const broken = join(place, 'broken.onnx');
    writeFileSync(broken, encodeModel(smallClassifier({ spoil: NaN })));
    const analyzed = async () => {
      const options = { weights: broken };
      const { result } = await ask('workspace/executeCommand', {
        command: 'inferenceLens.analyzeFile',
        arguments: [image, options],
      });
      assert.ok((result as { ok: boolean }).ok, JSON.stringify(result).slice(0, 1000));
    };
    const published = (file: string, fits: (messages: string) => boolean) =>
      client.next(({ method, params }) => {
        const { uri: of, diagnostics = [] } = (params ?? {}) as {
          uri?: string;
          diagnostics?: { message: string }[];
        };
        return (
          method === 'textDocument/publishDiagnostics' &&
          of === pathToFileURL(file).href &&
          fits(diagnostics.map(({ message }) => message).join())
        );
      });
    await analyzed();
    await published(broken, (expected) =>
      /holds NaN\. \d of \d layers of broken\.onnx, on .*portrait\.png: conv2/.test(expected),
    );
    writeFileSync(broken, encodeModel(smallClassifier()));
    await analyzed();
    await published(broken, (expected) => expected === '');

    writeFileSync(broken, encodeModel(smallClassifier({ spoil: NaN })));
    const lens = join(place, 'broken.lens.json');
    writeFileSync(lens, '{ "labels": ["a", "b", "c"] }');
    await analyzed();
    await published(lens, (expected) => expected.includes('holds NaN'));
  },
);
