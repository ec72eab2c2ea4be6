/** The built server's manners: order of the protocol, requests that make no sense, and no process left behind. */
import assert from 'node:assert/strict';
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  IPCMessageReader,
  IPCMessageWriter,
  StreamMessageReader,
  StreamMessageWriter,
  createMessageConnection,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import type { Outcome } from '../../protocol/failure';
import { analyze, cancel, doctor, layerDetails, listModels, retarget } from '../../protocol/requests';
import { root, samplePath, testCache } from '../support/cli';
import { isRunning, until } from '../support/processes';
import { temporaryFolder } from '../support/temp';
import { enginePids, nextProgress, failureOf } from './watch';
import { startServer, type RunningServer } from './server';

process.env['INFERENCE_LENS_CACHE'] = testCache;

const serverPath = join(root, 'dist', 'server.js');
const initializeParams = { processId: process.pid, rootUri: null, capabilities: {} };

interface Bare {
  readonly child: ChildProcess;
  readonly connection: MessageConnection;
  readonly stderr: () => string;
}

/** A server to which nothing has been said yet. */
function spawnServer(): Bare {
  const child = spawn(process.execPath, [serverPath, '--stdio'], { stdio: 'pipe' });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  connection.listen();
  return { child, connection, stderr: () => stderr };
}

const rejectsWith = (promise: Promise<unknown>, code: number) =>
  assert.rejects(promise, (error: { code?: unknown }) => error.code === code);

const serverNotInitialized = -32002;
const invalidRequest = -32600;
const methodNotFound = -32601;

describe('from initialize to exit', () => {
  test('requests are answered only in between, and the end is clean', async () => {
    const { child, connection, stderr } = spawnServer();
    await rejectsWith(connection.sendRequest(listModels.method, {}), serverNotInitialized);
    const { serverInfo } = await connection.sendRequest<{ serverInfo: { name: string } }>(
      'initialize',
      initializeParams,
    );
    assert.equal(serverInfo.name, 'Inference Lens');
    await rejectsWith(connection.sendRequest('initialize', initializeParams), invalidRequest);
    await connection.sendNotification('initialized', {});
    assert.deepEqual(await connection.sendRequest(cancel.method, { job: 'unknown' }), {
      ok: true,
      value: null,
    });
    assert.equal(await connection.sendRequest('shutdown'), null);
    await rejectsWith(connection.sendRequest(listModels.method, {}), invalidRequest);
    const exited = once(child, 'exit');
    await connection.sendNotification('exit');
    assert.deepEqual(await exited, [0, null]);
    assert.equal(stderr(), '');
    connection.dispose();
  });

  test('exit without shutdown is exit code 1', async () => {
    const { child, connection, stderr } = spawnServer();
    await connection.sendRequest('initialize', initializeParams);
    const exited = once(child, 'exit');
    await connection.sendNotification('exit');
    assert.deepEqual(await exited, [1, null]);
    assert.equal(stderr(), '');
    connection.dispose();
  });

  test('over the channel that VS Code uses', async () => {
    const child = fork(serverPath, ['--node-ipc'], { stdio: 'pipe' });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    connection.listen();
    await connection.sendRequest('initialize', initializeParams);
    await connection.sendNotification('initialized', {});
    const answer = await connection.sendRequest<{ ok: boolean; value: { id: string }[] }>(
      listModels.method,
      {},
    );
    assert.equal(answer.value[0]?.id, 'mobilenet_v2');
    await connection.sendRequest('shutdown');
    const exited = once(child, 'exit');
    await connection.sendNotification('exit');
    assert.deepEqual(await exited, [0, null]);
    assert.equal(printed, '');
    connection.dispose();
  });
});

describe('requests that make no sense', () => {
  let server: RunningServer;
  before(async () => (server = await startServer()));
  after(() => server.stop());

  const huge = `/${'x'.repeat(5_000_000)}`;
  const job = 'job';
  const options = (wrong: unknown) => ({ job, image: samplePath, options: wrong });
  const details = (wrong: object) => ({ job, folder: '/nowhere', layer: 'conv_stem', channels: 4, ...wrong });
  const target = (wrong: object) => ({
    job,
    folder: '/nowhere',
    target: 'real',
    methods: ['gradcam'],
    ...wrong,
  });

  /** Each with what its answer has to name. */
  const cases: readonly (readonly [title: string, method: string, params: unknown, message: RegExp])[] = [
    ['no parameters', analyze.method, undefined, /parameters should be an object/],
    ['no object', analyze.method, [], /parameters should be an object/],
    ['a list', analyze.method, [{ ...options({}), image: 'a.png' }, 5], /parameters should be an object/],
    ['a number as job', analyze.method, { ...options({}), job: 7 }, /"job".*found 7/],
    ['an empty job', analyze.method, { ...options({}), job: '' }, /"job"/],
    ['no image', analyze.method, { job }, /"image".*found nothing/],
    ['a relative image', analyze.method, { job, image: 'a.png' }, /"image".*absolute path/],
    ['NUL in a path', analyze.method, { job, image: '/a\0.png' }, /"image".*absolute path/],
    ['a huge path', analyze.method, { job, image: huge }, /"image".*at most 32767 characters/],
    ['a huge job', analyze.method, { job: huge, image: samplePath }, /"job".*at most 32767/],
    ['options that are a list', analyze.method, options([1]), /should be an object/],
    ['an unknown option', analyze.method, options({ color: 'red' }), /"color" is unknown/],
    ['an option of Object', analyze.method, options({ constructor: 'red' }), /"constructor" is unknown/],
    ['an unknown method', analyze.method, options({ methods: ['magic'] }), /"methods".*gradcam/],
    ['a method that is no list', analyze.method, options({ methods: 5 }), /"methods".*found 5/],
    ['a device of another kind', analyze.method, options({ device: 'toaster' }), /"device".*webgpu/],
    ['no threads', analyze.method, options({ threads: 0 }), /"threads".*found 0/],
    ['a box of words', analyze.method, options({ box: ['a', 1, 2, 3] }), /"box"/],
    ['weights of another type', analyze.method, options({ weights: { a: 1 } }), /"weights"/],
    ['a relative output', analyze.method, options({ output: 'there' }), /"output".*absolute path/],
    ['NUL in the output', analyze.method, options({ output: '/a\0b' }), /"output".*absolute path/],
    ['an image that is not there', analyze.method, { job, image: '/no/such.png' }, /\/no\/such\.png/],
    ['another target of nothing', retarget.method, target({}), /report\.json/],
    ['no methods', retarget.method, target({ methods: [] }), /"methods"/],
    ['a target that is null', retarget.method, target({ target: null }), /"target"/],
    ['details of nothing', layerDetails.method, details({}), /nowhere/],
    ['too many channels', layerDetails.method, details({ channels: 1e9 }), /"channels".*1 to 256/],
    ['half a channel', layerDetails.method, details({ channels: 0.5 }), /"channels"/],
    ['cancel without a name', cancel.method, {}, /"job"/],
    ['import of a relative path', 'inferenceLens/models/import', { job, path: 'a.pth', id: null }, /"path"/],
    ['import of a folder', 'inferenceLens/models/import', { job, path: '/', id: null }, /\//],
    [
      'import under a bad id',
      'inferenceLens/models/import',
      { job, path: samplePath, id: '../up' },
      /\.\.\/up|id/,
    ],
    ['download of an unknown card', 'inferenceLens/models/download', { job, id: '../../etc' }, /etc/],
  ];
  for (const [title, method, params, message] of cases)
    test(title, async () => {
      const failure = failureOf(await server.connection.sendRequest(method, params));
      assert.match(failure.message, message);
      assert.notEqual(failure.kind, 'internal', failure.message);
      assert.ok(failure.message.length < 1000, 'a message that can be shown');
    });

  test('more parameters than one', async () => {
    const image = '/no/such.png';
    const answer = await server.connection.sendRequest<Outcome<unknown>>(
      analyze.method,
      { job, image },
      5,
      null,
    );
    assert.match(failureOf(answer).message, /such\.png/);
  });

  test('an unknown method, and a body that is not JSON', async () => {
    await rejectsWith(server.connection.sendRequest('inferenceLens/fly', {}), methodNotFound);
    await server.connection.sendNotification('inferenceLens/land', { far: true });
    for (const body of ['{"jsonrpc":', '[]', 'null', '"text"', '{}'])
      server.process.stdin?.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
    assert.ok((await server.ask(listModels, {})).ok);
  });

  test('and still everything works, with nothing on stderr', async () => {
    const lines = await server.ask(doctor, {});
    assert.ok(lines.ok);
    assert.ok(lines.value.some(({ topic, state }) => topic === 'device cpu' && state === 'ok'));
    assert.equal(server.stderr(), '');
  });
});

describe('no process is left behind', () => {
  const output = temporaryFolder('left');
  const params = (job: string) => ({ job, image: samplePath, options: { output, device: 'cpu' as const } });

  test('shutdown in the middle of an analysis', async () => {
    const server = await startServer();
    const running = server.ask(analyze, params('running'));
    await nextProgress(server, 'running', 'model');
    const queued = server.ask(analyze, { ...params('queued'), image: '/other.png' });
    const listed = server.ask(listModels, {});
    assert.ok((await listed).ok);
    const engines = enginePids(server);
    assert.equal(engines.length, 2);
    const stopped = server.stop();
    assert.equal(failureOf(await running).kind, 'cancelled');
    assert.equal(failureOf(await queued).kind, 'cancelled');
    assert.equal(await stopped, 0);
    assert.deepEqual(engines.filter(isRunning), []);
    assert.equal(server.stderr(), '');
  });

  for (const [title, end] of [
    ['stdin is closed', ({ process: child }: RunningServer) => child.stdin?.destroy()],
    ['the server is killed', ({ process: child }: RunningServer) => child.kill('SIGKILL')],
  ] as const)
    test(`${title} in the middle of an analysis`, async () => {
      const server = await startServer();
      server.ask(analyze, params('running')).catch(() => undefined);
      await nextProgress(server, 'running', 'input');
      const engines = enginePids(server);
      assert.equal(engines.length, 1);
      end(server);
      await until(
        () => [server.process.pid ?? 0, ...engines].every((pid) => !isRunning(pid)),
        'server and engine have ended',
      );
      server.connection.dispose();
    });
});
