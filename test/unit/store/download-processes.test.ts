/** Several processes that download the same model: one does, the others wait, and nobody inherits from the dead but bytes. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { thisProcess } from '../../../files/owner';
import type { ModelCard } from '../../../server/src/store/card';
import { fetchModel } from '../../../server/src/store/fetch-model';
import { ModelStore } from '../../../server/src/store/store';
import { fromSource } from '../../support/cli';
import { until } from '../../support/processes';
import { smallCheckpoint } from '../../support/small-checkpoint';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('download-processes');
let content: Buffer;
let base = '';

/** The ranges that were requested; the answers that hold back their second half until they are let go. */
const asked: (string | null)[] = [];
let held: (() => void)[] = [];
let holdBack = true;

const server = createServer((request, response: ServerResponse) => {
  const { range } = request.headers;
  asked.push(range ?? null);
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  const headers = { etag: '"v1"', 'content-length': content.length - from };
  const contentRange = `bytes ${from}-${content.length - 1}/${content.length}`;
  response.writeHead(
    from > 0 ? 206 : 200,
    from > 0 ? { ...headers, 'content-range': contentRange } : headers,
  );
  const half = Math.max(from, content.length >> 1);
  response.write(content.subarray(from, half));
  const rest = (): void => void response.end(content.subarray(half));
  if (holdBack) held.push(rest);
  else rest();
});

before(async () => {
  content = readFileSync(smallCheckpoint(folder, 'zip.pth').path);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked.length = 0;
  held = [];
  holdBack = true;
});

let count = 0;
/** A cache of its own, and the card of the checkpoint that the server has. */
function place() {
  const root = join(folder, `cache-${++count}`);
  const card: ModelCard = {
    ...{ id: 'x', task: 'classifier', title: 'x', architecture: 'x', pipeline: null, input: null },
    ...{ source: 'page', url: `${base}/x.pth`, fileNames: ['x.pth'], license: 'x', byHand: null },
    sha256: createHash('sha256').update(content).digest('hex'),
  };
  return { card, store: join(root, 'store'), downloads: join(root, 'downloads') };
}

class Fetching {
  stdout = '';
  stderr = '';
  private readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(given: ReturnType<typeof place>) {
    const script = join(__dirname, '..', '..', 'support', 'fetch-process.ts');
    this.child = spawn(process.execPath, [...fromSource, script, JSON.stringify(given)]);
    this.child.stdout?.on('data', (data: Buffer) => (this.stdout += data.toString()));
    this.child.stderr?.on('data', (data: Buffer) => (this.stderr += data.toString()));
    this.ended = new Promise((resolve) => this.child.once('close', (code) => resolve(code)));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  kill(): Promise<number | null> {
    this.child.kill('SIGKILL');
    return this.ended;
  }
}

const partialOf = (given: ReturnType<typeof place>): string => join(given.downloads, 'x', 'partial');
const bytesOf = (path: string): number => (existsSync(path) ? readFileSync(path).length : 0);
const halfIsThere = (given: ReturnType<typeof place>): Promise<void> =>
  until(() => bytesOf(partialOf(given)) >= content.length >> 1, 'half of the file is there');

async function checkStored(given: ReturnType<typeof place>): Promise<void> {
  const store = new ModelStore(given.store);
  assert.equal((await store.verify('x')).sha256, given.card.sha256);
  assert.deepEqual(readdirSync(given.downloads), [], 'neither partial files nor locks');
}

test('two at once: the file is fetched once, both have the model', async () => {
  const given = place();
  const first = new Fetching(given);
  await halfIsThere(given);
  const second = new Fetching(given);
  await until(() => second.stderr.includes('waiting'), 'the second waits');
  assert.equal(second.stderr, `waiting for ${first.pid}\n`);
  assert.equal(
    existsSync(join(given.downloads, 'x', 'x.pth')),
    false,
    'no whole name before the hash is right',
  );
  held.forEach((go) => go());
  assert.deepEqual(await Promise.all([first.ended, second.ended]), [0, 0], first.stderr + second.stderr);
  assert.equal(second.stdout, first.stdout);
  assert.deepEqual(asked, [null]);
  await checkStored(given);
});

test('one is killed: the one that waits continues where it was', async () => {
  const given = place();
  const first = new Fetching(given);
  await halfIsThere(given);
  const second = new Fetching(given);
  await until(() => second.stderr.includes('waiting'), 'the second waits');
  holdBack = false;
  await first.kill();
  assert.equal(await second.ended, 0, second.stderr);
  assert.deepEqual(asked, [null, `bytes=${content.length >> 1}-`]);
  await checkStored(given);
});

test('what a killed process left is gone on with later, and its lock is nobody’s', async () => {
  const given = place();
  const first = new Fetching(given);
  await halfIsThere(given);
  await first.kill();
  assert.deepEqual(readdirSync(given.downloads).sort(), ['x', 'x.lock']);
  holdBack = false;
  const next = new Fetching(given);
  assert.equal(await next.ended, 0, next.stderr);
  assert.equal(next.stderr, '');
  assert.deepEqual(asked, [null, `bytes=${content.length >> 1}-`]);
  await checkStored(given);
});

test('a partial file that another hand spoiled is never taken for whole', async () => {
  const given = place();
  const first = new Fetching(given);
  await halfIsThere(given);
  await first.kill();
  const spoilt = readFileSync(partialOf(given));
  spoilt[1000]! ^= 1;
  writeFileSync(partialOf(given), spoilt);
  holdBack = false;
  const next = new Fetching(given);
  assert.equal(await next.ended, 1);
  assert.match(next.stderr, /expected sha256 [0-9a-f]{64}, found [0-9a-f]{64}/);
  assert.deepEqual(readdirSync(given.downloads), []);
  assert.deepEqual(await new ModelStore(given.store).list(), []);
});

const lockOf = (given: ReturnType<typeof place>): string => join(given.downloads, 'x.lock');

function writeLock(given: ReturnType<typeof place>, text: string, secondsAgo: number): void {
  mkdirSync(given.downloads, { recursive: true });
  writeFileSync(lockOf(given), text);
  const then = new Date(Date.now() - secondsAgo * 1000);
  utimesSync(lockOf(given), then, then);
}

for (const [name, text] of [
  ['another machine', JSON.stringify({ pid: 1, host: 'elsewhere' })],
  ['nobody', ''],
] as const) {
  test(`the lock of ${name}: waited for while it is touched, taken over when it no longer is`, async () => {
    const given = place();
    writeLock(given, text, 1);
    holdBack = false;
    const stop = new AbortController();
    const store = new ModelStore(given.store);
    let waits = 0;
    const waiting = (): void => {
      waits += 1;
      stop.abort();
    };
    const options = { signal: stop.signal, waiting };
    await assert.rejects(fetchModel(given.card, store, options, given.downloads), { kind: 'cancelled' });
    assert.equal(waits, 1);
    assert.equal(readFileSync(lockOf(given), 'utf8'), text, 'still theirs');
    writeLock(given, text, 120);
    await fetchModel(given.card, store, {}, given.downloads);
    await checkStored(given);
  });
}

test('a lock that a living process is known to hold is waited for, however old it is', async (t) => {
  const { started } = thisProcess();
  if (started === null) {
    t.skip('needs /proc');
    return;
  }
  const given = place();
  writeLock(given, JSON.stringify(thisProcess()), 120);
  const stop = new AbortController();
  const options = { signal: stop.signal, waiting: () => stop.abort() };
  const store = new ModelStore(given.store);
  await assert.rejects(fetchModel(given.card, store, options, given.downloads), { kind: 'cancelled' });
  writeLock(given, JSON.stringify({ ...thisProcess(), started: started + 1 }), 1); // the id was given to us later
  holdBack = false;
  await fetchModel(given.card, store, {}, given.downloads);
  await checkStored(given);
});

test('the locks of dead processes go, whatever they were for', async () => {
  const given = place();
  writeLock(given, JSON.stringify({ ...thisProcess(), pid: 99_999_999 }), 1);
  const other = join(given.downloads, 'other.lock');
  const aside = `${other}.${randomUUID()}`;
  for (const path of [other, aside]) copyFileSync(lockOf(given), path);
  holdBack = false;
  await fetchModel(given.card, new ModelStore(given.store), {}, given.downloads);
  assert.deepEqual(readdirSync(given.downloads), []);
});

test('a process id that is in use, without a start time, loses its lock when it no longer touches it', async () => {
  const given = place();
  writeLock(given, JSON.stringify({ pid: process.pid, host: hostname() }), 120);
  holdBack = false;
  await fetchModel(given.card, new ModelStore(given.store), {}, given.downloads);
  await checkStored(given);
});

test('a download that nobody went on with for a month goes with the next one', async () => {
  const given = place();
  const partial = (name: string, days: number): void => {
    mkdirSync(join(given.downloads, name), { recursive: true });
    const path = join(given.downloads, name, 'partial');
    writeFileSync(path, 'half');
    const then = new Date(Date.now() - days * 86_400_000);
    utimesSync(path, then, then);
  };
  partial('old', 40);
  partial('young', 20);
  holdBack = false;
  await fetchModel(given.card, new ModelStore(given.store), {}, given.downloads);
  assert.deepEqual(readdirSync(given.downloads), ['young']);
});

test('a file where the downloads should be: said in words', async () => {
  const given = place();
  mkdirSync(join(given.downloads, '..'), { recursive: true });
  writeFileSync(given.downloads, '');
  await assert.rejects(fetchModel(given.card, new ModelStore(given.store), {}, given.downloads), {
    kind: 'output',
    message: /downloads.* cannot be written/,
    fix: /INFERENCE_LENS_CACHE/,
  });
});
