/** Downloads against a server on this machine that misbehaves on purpose. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ModelCard } from '../../../server/src/store/card';
import { downloadFile } from '../../../server/src/store/download';
import { fetchModel } from '../../../server/src/store/fetch-model';
import { ModelStore } from '../../../server/src/store/store';
import { until } from '../../support/processes';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('download');
const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');

/** What the server was asked, and how it answers a path. */
const asked: { path: string; range: string | undefined }[] = [];
const answers: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/whole': (_, response) => {
    response.end(content);
  },
  '/ranges': serveRanges,
  '/cut': (request, response) => {
    if (request.headers.range === undefined) cutAfter(response, content.subarray(0, 100_000));
    else serveRanges(request, response);
  },
  '/changed': (request, response) => {
    if (request.headers['if-range'] === '"v1"') response.writeHead(200, { etag: '"v2"' }).end(content);
    else cutAfter(response, randomBytes(50_000));
  },
  '/redirect': (_, response) => response.writeHead(302, { location: '/whole' }).end(),
  '/loop': (_, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/missing': (_, response) => response.writeHead(404).end('no'),
  '/broken': (_, response) => response.writeHead(500).end('no'),
  '/endless': (_, response) => {
    sendForEver(response);
  },
  '/silent': (_, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 10));
  },
};

/** Never says how much is to come, and never ends. */
function sendForEver(response: ServerResponse): void {
  response.writeHead(200);
  const more = (): void => {
    while (!response.destroyed && response.write(content));
  };
  response.on('drain', more);
  more();
}

/** Sends this, and hangs up once it is on the disk: what has arrived but is not written is lost with the connection. */
function cutAfter(response: ServerResponse, data: Uint8Array): void {
  const isWritten = (): boolean =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).some(
      (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size === data.length,
    );
  response.writeHead(200, { 'content-length': content.length, etag: '"v1"' });
  response.write(data);
  void until(isWritten, 'the first part is on the disk').finally(() => response.destroy());
}

function serveRanges(request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const headers = { etag: '"v1"', 'content-length': content.length - from };
  if (from === 0) response.writeHead(200, headers);
  else
    response.writeHead(206, {
      ...headers,
      'content-range': `bytes ${from}-${content.length - 1}/${content.length}`,
    });
  response.end(content.subarray(from));
}

const server = createServer((request, response) => {
  const path = request.url ?? '';
  asked.push({ path, range: request.headers.range });
  const answer = answers[path];
  if (answer === undefined) response.writeHead(404).end();
  else answer(request, response);
});
let base = '';
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const place = (name: string): string => join(folder, name, 'file');

for (const path of ['/whole', '/ranges', '/redirect']) {
  test(`a good server: ${path}`, async () => {
    const seen: number[] = [];
    const found = await downloadFile(base + path, place(path.slice(1)), {
      progress: (done) => seen.push(done),
    });
    assert.equal(found, sha256);
    assert.deepEqual(readFileSync(place(path.slice(1))), content);
    assert.equal(seen.at(-1), content.length);
  });
}

test('cut in the middle, then resumed from there', async () => {
  asked.length = 0;
  assert.equal(await downloadFile(`${base}/cut`, place('cut')), sha256);
  assert.deepEqual(
    asked.map(({ range }) => range),
    [undefined, 'bytes=100000-'],
  );
});

test('cut in one process, resumed by the next', async () => {
  await assert.rejects(downloadFile(`${base}/cut`, place('later'), { retries: 0 }), {
    kind: 'model',
    message: /\/cut could not be downloaded in 1 tries: /,
    fix: /continues where this one stopped/,
  });
  asked.length = 0;
  assert.equal(await downloadFile(`${base}/cut`, place('later')), sha256);
  assert.equal(asked[0]?.range, 'bytes=100000-');
});

test('a file that changed in between starts over', async () => {
  assert.equal(await downloadFile(`${base}/changed`, place('changed')), sha256);
});

const failures: readonly (readonly [string, RegExp])[] = [
  ['/missing', /\/missing: the server answered 404 \(not there\)\./],
  ['/broken', /\/broken: the server answered 500\./],
  ['/loop', /\/loop redirects more than 5 times\./],
  ['/silent', /\/silent could not be downloaded in 2 tries: the server stopped sending\./],
];
for (const [path, message] of failures) {
  test(`a bad server: ${path}`, async () => {
    await assert.rejects(downloadFile(base + path, place(path.slice(1)), { stallMs: 200, retries: 1 }), {
      kind: 'model',
      message,
    });
  });
}

for (const [path, found] of [
  ['/whole', '0.3 MB'],
  ['/endless', 'more'],
] as const) {
  test(`too large, ${found === 'more' ? 'though it was not announced' : 'as announced'}: ${path}`, async () => {
    const to = place(`large-${path.slice(1)}`);
    await assert.rejects(downloadFile(base + path, to, { maxBytes: 200_000, retries: 0 }), {
      kind: 'model',
      message: `${base}${path} is too large: expected at most 0.2 MB, found ${found}. Nothing was saved.`,
    });
    assert.equal(statSync(to).size, 0);
  });
}

test('a card states the limit of its own file, and nothing of a larger one stays', async () => {
  const store = new ModelStore(join(folder, 'store-large'));
  const downloads = join(folder, 'downloads-large');
  const small = card('/endless', { maxBytes: 100_000 });
  await assert.rejects(fetchModel(small, store, {}, downloads), { kind: 'model', message: /too large/ });
  assert.equal(existsSync(store.root), false);
});

test('nobody listens', async () => {
  await assert.rejects(downloadFile('http://127.0.0.1:1/x', place('nobody'), { retries: 0 }), {
    kind: 'model',
    message: /could not be downloaded in 1 tries: .*ECONNREFUSED/,
  });
});

test('through the proxy that the environment names', async () => {
  const tunnelled: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, client) => {
    tunnelled.push(request.url ?? '');
    const { port } = server.address() as AddressInfo;
    const target = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(target).pipe(client);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  process.env['HTTP_PROXY'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    assert.equal(await downloadFile('http://weights.test/whole', place('proxied')), sha256);
    assert.deepEqual(tunnelled, ['weights.test:80']);
  } finally {
    delete process.env['HTTP_PROXY'];
    proxy.closeAllConnections();
    proxy.close();
  }
});

test('cancelled while it runs', async () => {
  const controller = new AbortController();
  const running = downloadFile(`${base}/silent`, place('cancelled'), {
    signal: controller.signal,
    progress: () => controller.abort(),
  });
  await assert.rejects(running, { kind: 'cancelled' });
});

const card = (path: string, change: Partial<ModelCard> = {}): ModelCard => ({
  id: 'x',
  task: 'classifier',
  title: 'x',
  architecture: 'x',
  pipeline: null,
  input: null,
  source: 'page',
  url: base + path,
  sha256: null,
  fileNames: ['x.pth'],
  license: 'x',
  byHand: null,
  ...change,
});

test('a wrong checksum deletes the file and leaves the store empty', async () => {
  const store = new ModelStore(join(folder, 'store'));
  const downloads = join(folder, 'downloads');
  const wrong = '0'.repeat(64);
  await assert.rejects(fetchModel(card('/whole', { sha256: wrong }), store, {}, downloads), {
    kind: 'model',
    message: `${base}/whole: expected sha256 ${wrong}, found ${sha256}.`,
  });
  assert.deepEqual(readdirSync(downloads), []);
  assert.equal(existsSync(store.root), false);
});

test('a file that is not a checkpoint is refused and leaves the store empty', async () => {
  const store = new ModelStore(join(folder, 'store-2'));
  const downloads = join(folder, 'downloads-2');
  await assert.rejects(fetchModel(card('/whole', { sha256 }), store, {}, downloads), { kind: 'model' });
  assert.deepEqual([readdirSync(downloads), await store.list()], [[], []]);
});

test('a card without an address says what to do by hand', async () => {
  const byHand = card('/whole', { url: null, byHand: 'Sign in and save it.' });
  await assert.rejects(fetchModel(byHand, new ModelStore(join(folder, 'store-3'))), {
    kind: 'usage',
    fix: 'Sign in and save it.',
  });
});
