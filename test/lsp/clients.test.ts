/** The built server under other editors: what Neovim, Emacs and pygls send, byte by byte, and what they do not answer. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { encodeModel } from '../../server/src/onnx/write';
import { root, samplePath } from '../support/cli';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';
import { rawClient, type RawClient, type RawMessage, type RawOptions } from './raw-client';

const place = temporaryFolder('clients');
const workspace = join(place, 'a work+space');
const weights = join(place, 'small.onnx');
const image = join(workspace, 'portrait.png');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

before(() => {
  mkdirSync(workspace);
  writeFileSync(weights, encodeModel(smallClassifier()));
  cpSync(samplePath, image);
});

/** Enough for an analysis of the small network that takes no time. */
const settings = { weights, pipeline: 'imagenet', detector: 'none', device: 'cpu' };

interface Analyzed {
  readonly ok: boolean;
  readonly value?: {
    readonly folder: string;
    readonly report: { readonly target: { readonly label: string }; readonly methods: readonly string[] };
  };
  readonly failure?: { readonly kind: string; readonly message: string };
}

let job = 0;

/** Asks for an analysis and waits for its answer. */
async function analyzed(client: RawClient, params: object = { options: {} }): Promise<Analyzed> {
  const id = `analysis ${++job}`;
  client.send({ id, method: 'inferenceLens/analyze', params: { job: id, image, ...params } });
  const { result, error } = await client.next((message) => message.id === id);
  assert.equal(error, undefined, JSON.stringify(error));
  return result as Analyzed;
}

/** Runs with a client that says hello in its own way; its server has to end cleanly and to print nothing. */
async function withClient(
  hello: object,
  options: RawOptions,
  use: (client: RawClient, answer: { serverInfo: unknown; capabilities: object }) => Promise<void>,
): Promise<void> {
  const client = rawClient(options);
  client.send({ id: 0, method: 'initialize', params: { processId: process.pid, ...hello } });
  const { result } = await client.next(({ id }) => id === 0);
  client.send({ method: 'initialized', params: {} });
  await use(client, result as { serverInfo: unknown; capabilities: object });
  client.send({ id: 'end', method: 'shutdown' });
  await client.next(({ id }) => id === 'end');
  client.send({ method: 'exit' });
  assert.equal(await client.end(), 0);
  assert.equal(client.stderr(), '');
}

const asks = ({ method }: RawMessage) => method === 'workspace/configuration';
const logged = (client: RawClient, what: RegExp) =>
  client.next(({ method, params }) => method === 'window/logMessage' && what.test(params?.message ?? ''));

/** All of the report's folder below the workspace's own, which is the default. */
const inWorkspace = join(workspace, 'inference-lens-report');
const valueOf = (answer: Analyzed) => {
  assert.ok(answer.ok && answer.value, JSON.stringify(answer));
  return answer.value;
};

const uri = pathToFileURL(workspace).href;
const folder = { uri, name: 'workspace' };
const canConfigure = { workspace: { configuration: true, workspaceFolders: true } };

describe('as Neovim 0.7 and 0.11 do', () => {
  // Lua's empty table is a list; 0.7 names the root three times.
  const hello = {
    rootPath: workspace,
    rootUri: uri,
    workspaceFolders: [folder],
    clientInfo: { name: 'Neovim', version: '0.7.2' },
    initializationOptions: [],
    trace: 'off',
    capabilities: { ...canConfigure, textDocument: [], window: { workDoneProgress: true } },
  };

  test('names, documents that are of no use, settings in answer to a request, empty tables', () =>
    withClient(
      hello,
      {
        answer: (request) =>
          asks(request) ? { result: [settings] } : { error: { code: -32601, message: 'no' } },
      },
      async (client, { serverInfo, capabilities }) => {
        assert.deepEqual(serverInfo, { name: 'Inference Lens', version: manifest.version });
        assert.deepEqual((capabilities as { textDocumentSync: unknown }).textDocumentSync, {
          openClose: true,
          change: 1,
        });
        // A picture that an editor takes for text is skipped.
        const textDocument = {
          uri: pathToFileURL(image).href,
          languageId: '',
          version: 0,
          text: '\u0089PNG',
        };
        client.send({ method: 'textDocument/didOpen', params: { textDocument } });
        for (const options of [[], {}, { weights }]) {
          const { folder } = valueOf(await analyzed(client, { options }));
          assert.ok(folder.startsWith(inWorkspace), folder);
        }
        const notices = client.log().filter((line) => line.includes('deprecated'));
        assert.deepEqual(notices, [
          'inferenceLens.pipeline is deprecated; set inferenceLens.lens to "imagenet" instead.',
        ]);
        client.send({ id: 'models', method: 'inferenceLens/models/list', params: [] });
        assert.ok(((await client.next(({ id }) => id === 'models')).result as Analyzed).ok);
        const wrong = await analyzed(client, { options: [1] });
        assert.match(wrong.failure?.message ?? '', /request's options should be an object/);
      },
    ));

  test('settings pushed by didChangeConfiguration, where the answer is null', () =>
    withClient(
      hello,
      { answer: (request) => ({ result: asks(request) ? [null] : null }) },
      async (client) => {
        const push = (given: unknown) =>
          client.send({ method: 'workspace/didChangeConfiguration', params: { settings: given } });
        push({ inferenceLens: { ...settings, methods: ['layercam'] } });
        assert.deepEqual(valueOf(await analyzed(client)).report.methods, ['layercam']);
        push({ ...settings, 'inferenceLens.methods': ['hirescam'] });
        assert.deepEqual(valueOf(await analyzed(client)).report.methods, ['hirescam']);
        push({ inferenceLens: { ...settings, device: 'gpu' } });
        assert.match(
          (await analyzed(client)).failure?.message ?? '',
          /inferenceLens\.device should be one of/,
        );
      },
    ));
});

describe('as Emacs eglot does', () => {
  test('rootUri alone, initializationOptions, an answer that is an error: a warning, and the analysis', () =>
    withClient(
      {
        rootUri: uri,
        capabilities: canConfigure,
        initializationOptions: { settings: { inferenceLens: settings } },
      },
      {},
      async (client) => {
        const { folder } = valueOf(await analyzed(client));
        assert.ok(folder.startsWith(inWorkspace), folder);
        await logged(client, /asked for its settings.*MethodNotFound.*those it gave before \(weights, /);
        await client.next(({ method, params }) => method === 'window/showMessage' && params?.type === 2);
        valueOf(await analyzed(client));
        const messages = client.received.filter(({ method }) => method === 'window/showMessage');
        assert.equal(messages.length, 1, 'once, not for every image');
      },
    ));

  test('didChangeConfiguration without settings: they are requested again', async () => {
    let methods = ['gradcam'];
    const answer = (request: RawMessage) => ({ result: asks(request) ? [{ ...settings, methods }] : null });
    await withClient({ rootPath: workspace, capabilities: canConfigure }, { answer }, async (client) => {
      const { folder, report } = valueOf(await analyzed(client));
      assert.ok(folder.startsWith(inWorkspace), 'rootPath alone');
      assert.deepEqual(report.methods, methods);
      methods = ['xgradcam'];
      client.send({ method: 'workspace/didChangeConfiguration', params: { settings: null } });
      assert.deepEqual(valueOf(await analyzed(client)).report.methods, methods);
    });
  });
});

describe('as pygls and others do', () => {
  test('settings that are never answered are waited for once, for five seconds, and then not', () =>
    withClient(
      { workspaceFolders: [folder], capabilities: canConfigure, initializationOptions: settings },
      { answer: (request) => (asks(request) ? undefined : { result: null }) },
      async (client) => {
        valueOf(await analyzed(client));
        await logged(client, /gave no answer within 5 seconds\. Settings used: those it gave before/);
        valueOf(await analyzed(client));
        assert.equal(client.received.filter(asks).length, 1);
      },
    ));

  test('folders come and go', () =>
    withClient(
      { rootUri: null, workspaceFolders: {}, capabilities: {}, initializationOptions: settings },
      { cwd: place },
      async (client) => {
        const change = (added: object[], removed: object[]) =>
          client.send({
            method: 'workspace/didChangeWorkspaceFolders',
            params: { event: { added, removed } },
          });
        const elsewhere = join(place, 'inference-lens-report');
        assert.ok(valueOf(await analyzed(client)).folder.startsWith(elsewhere));
        change(
          [
            { uri: 'ssh://host/x', name: 'x' },
            { uri: `${uri}/`, name: 'w' },
          ],
          [],
        );
        await logged(client, /ssh:\/\/host\/x is not a folder on this machine/);
        assert.ok(valueOf(await analyzed(client)).folder.startsWith(inWorkspace));
        change([], [folder]);
        assert.ok(valueOf(await analyzed(client)).folder.startsWith(elsewhere));
      },
    ));

  test('a header with a Content-Type, in pieces, in the middle of a letter', () =>
    withClient({ capabilities: {}, rootUri: null }, {}, async (client) => {
      const body = Buffer.from(
        '{"jsonrpc":"2.0","id":"ä","method":"inferenceLens/cancel","params":{"job":"é"}}',
      );
      const type = 'Content-Type: application/vscode-jsonrpc; charset=utf-8';
      const bytes = Buffer.concat([Buffer.from(`${type}\r\ncontent-length:${body.length}\r\n\r\n`), body]);
      for (const byte of bytes) {
        client.sendBytes(Buffer.of(byte));
        await new Promise(setImmediate);
      }
      assert.deepEqual((await client.next(({ id }) => id === 'ä')).result, { ok: true, value: null });
    }));
});

describe('what is not a message', () => {
  let client: RawClient;
  before(async () => {
    client = rawClient();
    client.send({
      id: 0,
      method: 'initialize',
      params: { processId: null, rootUri: null, capabilities: {} },
    });
    await client.next(({ id }) => id === 0);
  });
  after(async () => {
    client.send({ id: 'end', method: 'shutdown' });
    await client.next(({ id }) => id === 'end');
    assert.equal(await client.end(), 0, 'an input that ends after shutdown is a clean end');
    assert.equal(client.stderr(), '');
  });

  const framed = (body: string | Buffer) => {
    const bytes = Buffer.from(body);
    return Buffer.concat([Buffer.from(`Content-Length: ${bytes.length}\r\n\r\n`), bytes]);
  };
  const cases: readonly (readonly [title: string, bytes: Buffer | string, code: number, said: RegExp])[] = [
    ['broken JSON', framed('{"jsonrpc":"2.0","id":1,"method":'), -32700, /expected JSON/],
    ['no JSON', framed('hello\u001b[31m'), -32700, /expected JSON/],
    ['an empty body', 'Content-Length: 0\r\n\r\n', -32700, /expected JSON/],
    ['no UTF-8', framed(Buffer.from([0x22, 0xff, 0x22])), -32700, /expected JSON/],
    ['a header without a length', 'Content-Type: x\r\n\r\n', -32700, /Content-Length, found one without/],
    ['no header at all', '{"jsonrpc":"2.0","id":1}\r\n\r\n', -32700, /Content-Length, found one without/],
    ['a length in words', 'Content-Length: many\r\n\r\n', -32700, /found "many"/],
    ['a negative length', 'Content-Length: -5\r\n\r\n', -32700, /found "-5"/],
    ['a huge length', 'Content-Length: 99999999999\r\n\r\n', -32700, /at most 67108864, found 99999999999/],
    ['a header without end', 'x'.repeat(20_000), -32700, /header of at most 8192 bytes/],
    ['too short a length', 'Content-Length: 3\r\n\r\n{"jsonrpc":"2.0"}', -32700, /expected JSON/],
    ['a list', framed('[]'), -32600, /expected a message object/],
    ['null', framed('null'), -32600, /expected a message object/],
    [
      'neither question nor answer',
      framed('{"jsonrpc":"2.0","id":77}'),
      -32600,
      /a method, a result or an error/,
    ],
    ['100,000 levels', framed('['.repeat(100_000) + ']'.repeat(100_000)), -32600, /more than 200 levels/],
    [
      '100,000 levels of parameters',
      framed(
        `{"jsonrpc":"2.0","id":1,"method":"inferenceLens/analyze","params":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_001)}`,
      ),
      -32600,
      /more than 200 levels/,
    ],
  ];
  for (const [title, bytes, code, said] of cases)
    test(`${title}: an answer, a line in the log, and what follows is read`, async () => {
      const before = client.received.length;
      const fresh = (fits: (message: RawMessage) => boolean) =>
        client.next((message) => client.received.indexOf(message) >= before && fits(message));
      client.sendBytes(bytes);
      const { error } = await fresh((message) => message.error?.code === code);
      assert.match(error?.message ?? '', said);
      assert.doesNotMatch(error?.message ?? '', /[\u0000-\u001f]/);
      await fresh(({ method, params }) => method === 'window/logMessage' && said.test(params?.message ?? ''));
      client.send({ id: title, method: 'inferenceLens/cancel', params: { job: 'none' } });
      assert.deepEqual((await fresh(({ id }) => id === title)).result, { ok: true, value: null });
      assert.ok(client.received.length - before <= 5, 'said once or twice, not for every byte');
    });
});

test('--help and --version print and exit; no transport is a usage error', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'dist', 'server.js'), ...args], { encoding: 'utf8' });
  const help = run('--help');
  assert.deepEqual([help.status, help.stderr], [0, '']);
  assert.match(help.stdout, /--stdio/);
  const version = run('--version');
  assert.deepEqual([version.status, version.stdout, version.stderr], [0, `${manifest.version}\n`, '']);
  const nothing = run();
  assert.deepEqual([nothing.status, nothing.stdout], [2, '']);
  assert.match(nothing.stderr, /^expected --stdio .*\n\n.*language server/);
});
