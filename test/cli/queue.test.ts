/** `evaluate --queue` and `worker` as built, with Debian's Redis: one table from several processes, and what is wrong with a queue. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { parseAddress } from '../../server/src/cli/queue-option';
import { connect } from '../../server/src/evaluation/queue/connect';
import { openQueue, putJobs } from '../../server/src/evaluation/queue/jobs';
import { evaluateJob } from '../../server/src/evaluation/queue/evaluate-job';
import type { Plan, Task } from '../../server/src/evaluation/queue/plan';
import { QueueStore } from '../../server/src/evaluation/queue/store';
import { parseRow } from '../../server/src/evaluation/table/journal';
import type { LensError } from '../../server/src/errors';
import type { PictureFile } from '../../server/src/evaluation/masks';
import { missingImage } from '../../server/src/imaging/image-names';
import { encodeModel } from '../../server/src/onnx/write';
import { runCli, type Finished } from '../support/cli';
import { failureWithFix } from '../support/failure';
import { writeSet, writeSetModel } from '../support/labelled-set';
import { freePort, redisMissing, startCutter, startRedis, type TestRedis } from '../support/redis';
import { filesBelow } from '../support/report';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('queue');
const set = join(folder, 'set');
const model = writeSetModel(join(folder, 'model'));
const PASSWORD = 'geheim';
const env = { INFERENCE_LENS_QUEUE_PASSWORD: PASSWORD };

let redis: TestRedis | null = null;
let missing: string | null = null;
before(async () => {
  missing = await redisMissing();
  if (missing === null) redis = await startRedis(folder, ['--requirepass', PASSWORD]);
});
after(() => redis?.kill());

/** Null, and the test skipped aloud, where there is no Redis. */
function server(context: TestContext): TestRedis | null {
  if (redis === null) context.skip(missing ?? 'no Redis');
  return redis;
}

const silent = (): void => undefined;

describe('a set of 200 pictures in a queue', () => {
  test('gives the table of one machine, though a worker is killed', async (context) => {
    const at = server(context);
    if (at === null) return;
    writeSet(set, 67);
    const asked = [set, '--weights', model, '--device', 'cpu', '--layers', 'conv2'] as const;
    const whole = await runCli(['evaluate', ...asked, '--output', join(folder, 'one')]);
    assert.equal(whole.code, 0, whole.stderr);

    let isFilled = (): void => undefined;
    const filled = new Promise<void>((resolve) => (isFilled = resolve));
    const many = runCli(
      ['evaluate', ...asked, '--output', join(folder, 'many'), '--queue', at.url, '--job-size', '9'],
      {
        env,
        onStderr: (text) => /\b0 workers/.test(text) && isFilled(),
      },
    );
    await Promise.race([filled, many]);
    const worker = (...more: readonly string[]): Promise<Finished> =>
      runCli(['worker', '--queue', at.url, '--lock', '2', ...more], { env });

    const blind = await worker('--root', join(folder, 'model'));
    assert.equal(blind.code, 2);
    assert.match(
      blind.stderr,
      /model\/blue\/0000\.ppm: expected a picture of \d+ bytes.*found nothing[\s\S]*--root/,
    );
    const other = writeSetModel(join(folder, 'other'));
    writeFileSync(other, encodeModel(smallClassifier({ spoil: 1 })));
    const strange = await worker('--weights', other);
    assert.equal(strange.code, 4, strange.stderr);
    assert.match(
      strange.stderr,
      /small\.onnx: expected the weights that the queue was filled with, SHA-256 \w{64}; found \w{64}/,
    );

    const killed = await runCli(['worker', '--queue', at.url, '--lock', '2'], {
      env,
      onStderr: (text, kill) => /in 2 jobs/.test(text) && kill('SIGKILL'),
    });
    assert.equal(killed.signal, 'SIGKILL', killed.stderr);
    const last = await worker();
    assert.equal(last.code, 0, last.stderr);
    const { code, stderr } = await many;
    assert.equal(code, 0, stderr);
    const [one, table] = [join(folder, 'one', 'evaluation'), join(folder, 'many', 'evaluation')];
    assert.deepEqual(filesBelow(table), filesBelow(one));
    for (const name of filesBelow(one))
      assert.ok(readFileSync(join(one, name)).equals(readFileSync(join(table, name))), name);
    assert.equal(stderr.includes(PASSWORD) || last.stderr.includes(PASSWORD), false);
  });
});

describe('a server that cannot be used', () => {
  test('is an error that says why', async (context) => {
    const at = server(context);
    if (at === null) return;
    const ask = (url: string, password = ''): Promise<LensError> =>
      failureWithFix(connect(parseAddress(url, 'q', { INFERENCE_LENS_QUEUE_PASSWORD: password }), silent));
    assert.match((await ask(`redis://127.0.0.1:${await freePort()}`)).message, /nothing listens there/);
    assert.match((await ask(at.url)).message, /expected a password, found none/);
    const wrong = await ask(at.url.replace('//', '//:wr%6Fng@'));
    assert.match(wrong.message, /does not accept this password/);
    assert.doesNotMatch(`${wrong.message} ${wrong.fix ?? ''}`, /wr(%6F|o)ng/);
    assert.match((await ask(`${at.url}/99`, PASSWORD)).message, /no database 99/);
  });

  test('of an old version, a cluster, a replica, one that forgets, and something else are told apart', async () => {
    const answers = [
      ['redis_version:5.0.7', /expected Redis 6\.2 or newer.*found 5\.0\.7/],
      ['redis_version:7.2.4\r\nredis_mode:cluster', /a cluster/],
      ['redis_version:7.2.4\r\nrole:slave\r\nmaster_host:a.example', /replica/],
      ['redis_version:7.2.4\r\nmaxmemory:1000\r\nmaxmemory_policy:allkeys-lru', /allkeys-lru/],
      [null, /does not answer like it/],
    ] as const;
    for (const [info, expected] of answers) {
      const fake = createServer((socket) => {
        socket.on('error', silent);
        socket.on('data', (data) => {
          if (info === null) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
          else
            for (const word of data.toString().match(/\b(info|client|select)\b/gi) ?? [])
              socket.write(/info/i.test(word) ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n');
        });
      }).listen(0, '127.0.0.1');
      await new Promise((resolve) => fake.once('listening', resolve));
      const { port } = fake.address() as AddressInfo;
      assert.match(
        (await failureWithFix(connect(parseAddress(`redis://127.0.0.1:${port}`), silent))).message,
        expected,
      );
      fake.close();
    }
  });
});

describe('rows in Redis', () => {
  /** As three workers leave it that died over the second of two pictures. */
  test('have a picture set aside that has ended three workers, and are taken once', async (context) => {
    const at = server(context);
    if (at === null) return;
    const address = parseAddress(at.url, 'poison', { INFERENCE_LENS_QUEUE_PASSWORD: PASSWORD });
    const connection = await connect(address, silent);
    const store = new QueueStore(connection.redis, address);
    try {
      const plan = {
        ...{ format: 1, software: '0', token: 't', jobSize: 2, jobs: 1, witnesses: [] },
        head: { set: { count: 2, sha256: '' } },
      } as unknown as Plan;
      await store.putPlan(plan);
      await store.putTasks('t', [
        {
          job: 0,
          tasks: [
            ['a.png', null, null],
            ['b.png', 'cat', 1],
          ],
        },
      ]);
      for (const death of ['a', 'b', 'b', 'c']) await store.begin(1, death); // one is said again, as its answer was lost
      const looked: string[] = [];
      const subject = {
        network: { classifier: { about: {} } },
        look: ({ file }: PictureFile) => {
          looked.push(basename(file));
          throw missingImage(file);
        },
      };
      const looking = { root: set, subject, head: {}, attentionBox: null, attentionMask: null } as never;
      const job = { job: 0, careful: true, plan, store, looking, signal: new AbortController().signal };
      assert.equal(await evaluateJob(job, silent), 2);
      assert.deepEqual(looked, ['a.png'], 'b.png was set aside');
      const rows = (await store.rows(0))!.trimEnd().split('\n').map(parseRow);
      assert.deepEqual(
        rows.map(({ index, path, error }) => [index, path, error]),
        [
          [0, 'a.png', 'There is no file a.png.'],
          [1, 'b.png', '3 workers ended while they evaluated this picture, so that it was set aside.'],
        ],
      );
      assert.equal(await store.finish('t', 0, 'again\n'), 'done before');
      assert.equal(await store.finish('other', 0, 'late\n'), 'over');
      assert.equal(await evaluateJob(job, silent), 0);
      await store.clear('t');
      assert.equal(await store.isOver(), true);
    } finally {
      connection.close();
    }
  });
});

describe('a queue that is being filled', () => {
  const tasksOf = (job: number): readonly Task[] => [[`${job}.png`, null, null]];
  const jobs = Array.from({ length: 200 }, (_, job) => job);

  test('is whole where the connection breaks in the middle of answers', async (context) => {
    const at = server(context);
    if (at === null) return;
    const cutter = await startCutter(at.port);
    const url = `redis://127.0.0.1:${cutter.port}`;
    const address = parseAddress(url, 'cut', { INFERENCE_LENS_QUEUE_PASSWORD: PASSWORD });
    const connection = await connect(address, silent);
    try {
      const store = new QueueStore(connection.redis, address);
      const queue = await openQueue(store);
      for (const bytes of [40, 900, 1700]) {
        await store.putPlan({ token: 't' } as Plan);
        cutter.cutAfter(bytes);
        for (const from of [0, 100]) await putJobs(store, queue, 't', jobs.slice(from, from + 100), tasksOf);
        assert.equal(cutter.isCut(), true, String(bytes));
        assert.equal((await queue.getJobCounts('waiting'))['waiting'], jobs.length);
        assert.deepEqual(await store.tasks(199), tasksOf(199));
        await queue.obliterate({ force: true });
      }
    } finally {
      connection.close();
      cutter.close();
    }
  });

  test('takes no pictures of an evaluation that another one has replaced', async (context) => {
    const at = server(context);
    if (at === null) return;
    const address = parseAddress(at.url, 'replaced', { INFERENCE_LENS_QUEUE_PASSWORD: PASSWORD });
    const connection = await connect(address, silent);
    try {
      const store = new QueueStore(connection.redis, address);
      const queue = await openQueue(store);
      await store.putPlan({ token: 'new' } as Plan);
      await putJobs(store, queue, 'new', [0], tasksOf);
      const late = await failureWithFix(
        putJobs(store, queue, 'old', [0, 1], () => [['other.png', null, null]]),
      );
      assert.match(late.message, /"replaced" is no longer there/);
      assert.deepEqual([await store.tasks(0), await store.tasks(1)], [tasksOf(0), null]);
    } finally {
      connection.close();
    }
  });
});

describe('pictures at addresses', () => {
  test('are fetched where that is wanted, and named without their signatures', async () => {
    const pictures = join(folder, 'remote');
    writeSet(pictures, 1);
    let flaky = 0;
    const store = createHttpServer(({ url = '' }, response) => {
      const { pathname, searchParams } = new URL(url, 'http://a');
      if (pathname === '/busy/red/0000.ppm' && (flaky += 1) === 1) response.writeHead(503).end();
      else if (pathname === '/moved.ppm')
        response.writeHead(302, { location: '/red/0000.ppm?signature=secret' }).end();
      else if (searchParams.get('signature') !== 'secret') response.writeHead(403).end('expired');
      else response.end(readFileSync(join(pictures, pathname.replace('/busy', ''))));
    }).listen(0, '127.0.0.1');
    await once(store, 'listening');
    try {
      const { port } = store.address() as AddressInfo;
      const at = `http://127.0.0.1:${port}`;
      const signed = ['red/0000.ppm', 'busy/red/0000.ppm', 'moved.ppm', 'blue/0000.ppm'].map(
        (name) => `${at}/${name}?signature=secret,red`,
      );
      const manifest = join(folder, 'remote.csv');
      writeFileSync(
        manifest,
        ['path,label', ...signed, `${at}/green/0000.ppm?signature=old,green`, ''].join('\n'),
      );
      const asked = [
        'evaluate',
        manifest,
        '--weights',
        model,
        '--device',
        'cpu',
        '--output',
        join(folder, 'fetched'),
      ];
      const refused = await runCli(asked);
      assert.equal(refused.code, 2);
      assert.match(
        refused.stderr,
        /expected paths of pictures, found the address http:\/\/127\.0\.0\.1:\d+\/red\/0000\.ppm\.[\s\S]*--fetch/,
      );
      const { code, stderr } = await runCli([...asked, '--fetch'], { env: { NO_PROXY: '127.0.0.1' } });
      assert.equal(code, 0, stderr);
      const text = readFileSync(join(folder, 'fetched', 'evaluation', 'rows.jsonl'), 'utf8');
      const rows = text.trimEnd().split('\n').map(parseRow);
      const [red, busy, moved, blue, old] = rows;
      assert.ok(
        red?.sha256 !== null &&
          red?.sha256 === busy?.sha256 &&
          red?.sha256 === moved?.sha256 &&
          red?.sha256 !== blue?.sha256,
      );
      assert.match(old?.error ?? '', /green\/0000\.ppm: expected a picture, found HTTP 403/);
      assert.equal(`${text}${stderr}${refused.stderr}`.includes('signature'), false);
    } finally {
      store.close();
    }
  });
});
