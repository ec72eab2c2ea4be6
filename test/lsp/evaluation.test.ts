/** Evaluations through the built server: made, gone on with, opened, and never read beyond what they may name. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { EvaluationPicture, OpenedEvaluation } from '../../protocol/evaluation';
import type { Outcome } from '../../protocol/failure';
import type { AdoptedOrder } from '../../protocol/answers';
import { contentOf, takeBack } from '../../client/src/sets/undo';
import type { FinishedSet } from '../../protocol/requests';
import { runCli } from '../support/cli';
import { picture, put, SET_CLASSES, writeSet, writeSetModel } from '../support/labelled-set';
import { freePort, redisMissing, startRedis } from '../support/redis';
import { filesBelow } from '../support/report';
import { temporaryFolder } from '../support/temp';
import { rawClient, type RawClient } from './raw-client';

const place = temporaryFolder('lsp-evaluation');
const source = join(place, 'set');
const output = join(place, 'out');
const folder = join(output, 'evaluation');
const options = { layers: 'last' };
const COUNT = 4;
const PASSWORD = 'geheim';

let client: RawClient;
let settings: Readonly<Record<string, unknown>>;
let asked = 0;

async function ask<T>(method: string, params: object): Promise<Outcome<T>> {
  const name = `${method} ${++asked}`;
  client.send({ id: name, method: `inferenceLens/${method}`, params: { job: name, ...params } });
  const { result, error } = await client.next(({ id }) => id === name);
  assert.equal(error, undefined, JSON.stringify(error));
  return result as Outcome<T>;
}

async function value<T>(method: string, params: object): Promise<T> {
  const outcome = await ask<T>(method, params);
  if (!outcome.ok) assert.fail(outcome.failure.message);
  return outcome.value;
}

async function refused(method: string, params: object): Promise<string> {
  const outcome = await ask<unknown>(method, params);
  assert.ok(!outcome.ok, JSON.stringify(outcome).slice(0, 200));
  assert.notEqual(outcome.failure.kind, 'internal', outcome.failure.message);
  return outcome.failure.message;
}

before(async () => {
  writeSet(source, COUNT);
  put(join(source, 'red', 'broken.png'), 'no picture');
  const weights = writeSetModel(join(place, 'model'));
  client = rawClient({ cwd: place, env: { INFERENCE_LENS_QUEUE_PASSWORD: PASSWORD } });
  settings = { weights, device: 'cpu' };
  client.send({
    id: 0,
    method: 'initialize',
    params: { processId: process.pid, capabilities: {}, initializationOptions: settings },
  });
  await client.next(({ id }) => id === 0);
});
after(async () => {
  client.send({ id: 'end', method: 'shutdown' });
  await client.next(({ id }) => id === 'end');
  client.send({ method: 'exit' });
  assert.equal(await client.end(), 0);
  assert.equal(client.stderr(), '');
});

describe('an evaluation of the editor', () => {
  test('is made with the settings, tells how far it is, and is there when it is requested again', async () => {
    const done = value<FinishedSet>('evaluate', { source, output, options });
    const { params } = await client.next(
      ({ method, params: now }) =>
        method === 'inferenceLens/progress' && JSON.stringify(now).includes('of 13 pictures'),
    );
    assert.match(JSON.stringify(params), /\d+ of 13 pictures/);
    assert.deepEqual(await done, { folder, wasThere: false, notes: [] });
    const again = await value<FinishedSet>('evaluate', { source, output, options });
    assert.equal(again.wasThere, true);
    const other = await refused('evaluate', { source, output, options: { layers: null } });
    assert.match(other, /another evaluation, which differs in its layers/);
  });

  test('is opened with its summary, its rows column by column, and where it was made', async () => {
    const opened = await value<OpenedEvaluation>('evaluation/open', { folder });
    const { columns, summary, place: made } = opened;
    const rows = readFileSync(join(folder, 'rows.jsonl'), 'utf8').trim().split('\n');
    assert.equal(rows.length, 3 * COUNT + 1);
    rows.forEach((text, i) => {
      const row = JSON.parse(text) as {
        readonly path: string;
        readonly label: string;
        readonly labelIndex: number;
        readonly predictedIndex: number | null;
        readonly loss: number | null;
        readonly error: string | null;
        readonly heat: readonly { readonly border: number | null }[];
      };
      assert.equal(columns.path[i], row.path);
      assert.equal(columns.labels[columns.label[i]!], row.label);
      assert.equal(columns.labelClass[i], row.labelIndex);
      assert.equal(columns.predicted[i], row.predictedIndex ?? -1);
      assert.equal(columns.loss[i], row.loss);
      assert.equal(columns.attention[0]!.border[i], row.heat[0]?.border ?? null);
      assert.equal(new Map(columns.errors).get(i) ?? null, row.error);
    });
    assert.equal(summary.rows.failed, 1);
    assert.deepEqual(
      summary.charts.map(({ file }) => file),
      ['confusion.svg', 'roc.svg', 'pr.svg', 'calibration.svg', 'heat-1.svg'],
    );
    assert.deepEqual([made?.source, made?.root], [source, source]);
    assert.ok(made !== null && !('output' in made.options));
    assert.deepEqual(opened.classes, SET_CLASSES);
    const scores = await value<readonly (number | null)[]>('evaluation/scores', { folder, class: 1 });
    assert.equal(scores.length, rows.length);
    assert.equal(scores[columns.errors[0]![0]], null);
  });

  test('shows its pictures as the network sees them, with the heatmap of a layer', async () => {
    const shown = await value<EvaluationPicture>('evaluation/picture', {
      folder,
      root: source,
      row: 0,
      layer: 0,
    });
    const pixels = Buffer.from(shown.pixels, 'base64');
    assert.deepEqual([shown.width, shown.height, pixels.length], [128, 128, 128 * 128 * 3]);
    // Its rows are sorted by path: the first is of the class blue, and a small pixel is one of the picture's.
    assert.ok(pixels[2]! >= 120, 'blue');
    assert.ok(shown.grid === null || Math.abs(shown.grid.reduce((a, b) => a + b, 0) - 1) < 1e-9);
    const plain = await value<EvaluationPicture>('evaluation/picture', { folder, root: source, row: 0 });
    assert.equal(plain.grid, null);
  });

  test('reads no picture outside of the folder, none that has changed, and no row that is not there', async () => {
    const of = (row: number, root = source) => refused('evaluation/picture', { folder, root, row });
    assert.match(await of(99), /expected a row below 13, found 99/);
    assert.match(await of(0, join(place, 'nowhere')), /There is no file .*nowhere.blue.0000\.ppm\./);
    const elsewhere = join(place, 'elsewhere');
    mkdirSync(join(elsewhere, 'blue'), { recursive: true });
    symlinkSync(join(source, 'blue', '0000.ppm'), join(elsewhere, 'blue', '0000.ppm'));
    assert.match(await of(0, elsewhere), /leaves the folder of the set/);
    rmSync(join(elsewhere, 'blue', '0000.ppm'));
    put(join(elsewhere, 'blue', '0000.ppm'), picture(77, 1));
    assert.match(await of(0, elsewhere), /has changed since it was evaluated/);
  });

  test('from elsewhere is refused by name where it is none, and leads nowhere by its paths', async () => {
    assert.match(await refused('evaluation/open', { folder: source }), /expected a finished evaluation/);
    const copy = join(place, 'copy');
    const broken = async (name: string, text: string): Promise<string> => {
      rmSync(copy, { recursive: true, force: true });
      cpSync(folder, copy, { recursive: true });
      writeFileSync(join(copy, name), text);
      return refused('evaluation/open', { folder: copy });
    };
    assert.match(await broken('summary.json', '{"version":1}'), /expected a finished evaluation/);
    assert.match(await broken('head.json', '[]'), /expected a finished evaluation/);
    assert.match(await broken('rows.jsonl', 'nothing\n'), /expected a row on line 1/);
    const [first = ''] = readFileSync(join(folder, 'rows.jsonl'), 'utf8').split('\n');
    rmSync(copy, { recursive: true, force: true });
    cpSync(folder, copy, { recursive: true });
    writeFileSync(join(copy, 'rows.jsonl'), `${first.replace('blue/0000.ppm', '../outside.ppm')}\n`);
    put(join(place, 'outside.ppm'), picture(0, 0));
    const leads = await refused('evaluation/picture', { folder: copy, root: source, row: 0 });
    assert.match(leads, /leaves the folder of the set/);
  });
});

test('a better order of the classes is written to a lens whose comments stay, and is taken back while nobody has changed it', async () => {
  const copy = join(place, 'turned');
  cpSync(folder, copy, { recursive: true });
  const summary = JSON.parse(readFileSync(join(copy, 'summary.json'), 'utf8')) as object;
  const labels = [...SET_CLASSES].reverse();
  writeFileSync(join(copy, 'summary.json'), JSON.stringify({ ...summary, order: { better: { labels } } }));
  const lens = join(place, 'turned.lens.json');
  const before = `{ // mine\n  "labels": ${JSON.stringify(SET_CLASSES)}, "target": "red" // ours\n}\n`;
  put(lens, before);
  const asked = { folder: copy, lens };
  const { isNew, after: now } = await value<AdoptedOrder>('evaluation/adopt', asked);
  assert.deepEqual([isNew, now], [false, labels]);
  const written = await contentOf(lens);
  assert.match(String(written), /\/\/ mine[^]*"blue",\s*"green",\s*"red"[^]*"target": "red" \/\/ ours/);
  assert.match(await refused('evaluation/adopt', asked), /already has this order of the classes/);
  assert.match(await refused('evaluation/adopt', { folder, lens }), /found none|found a better order/);

  writeFileSync(lens, `${String(written)}\n`);
  assert.equal(await takeBack(lens, Buffer.from(before), written), false);
  writeFileSync(lens, String(written));
  assert.equal(await takeBack(lens, Buffer.from(before), written), true);
  assert.equal(readFileSync(lens, 'utf8'), before);
  assert.equal(await takeBack(lens, null, Buffer.from(before)), true, 'one that was created is gone');
  assert.equal(await contentOf(lens), null);
});

describe('by the workers of a queue', () => {
  const set = (queue: string): void => {
    const now = { ...settings, queue, queueName: 'editor' };
    client.send({ method: 'workspace/didChangeConfiguration', params: { settings: { inferenceLens: now } } });
  };
  const asked = { source, output: join(place, 'by-queue'), options, queue: 1 };

  test('wants a setting that names a server, and no password in it', async () => {
    assert.match(await refused('evaluate', asked), /The setting inferenceLens\.queue names no server/);
    set('redis://:geheim@127.0.0.1:1');
    const secret = await refused('evaluate', asked);
    assert.match(secret, /inferenceLens\.queue holds a password/);
    assert.doesNotMatch(secret, /geheim/);
    set('http://127.0.0.1');
    assert.match(await refused('evaluate', asked), /redis:\/\/ or rediss:\/\/; found http:/);
    set(`redis://127.0.0.1:${await freePort()}`);
    assert.match(await refused('evaluate', asked), /nothing listens there/);
    const video = { ...asked, source: join(place, 'a.mp4') };
    assert.match(await refused('evaluate', video), /a\.mp4 is a video.*evaluated by one machine/);
  });

  test('is the same as here, resumes after it was stopped, and shows no password', async (context) => {
    const missing = await redisMissing();
    if (missing !== null) {
      context.skip(missing);
      return;
    }
    const redis = await startRedis(place, ['--requirepass', PASSWORD]);
    try {
      set(redis.url);
      const shown = (words: RegExp) =>
        client.next(
          ({ method, params }) => method === 'inferenceLens/progress' && words.test(JSON.stringify(params)),
        );
      const stopped = ask<FinishedSet>('evaluate', { ...asked, job: 'stopped' });
      await shown(/"stopped".*0 of 13 pictures, 0 workers/);
      await ask('cancel', { job: 'stopped' });
      const outcome = await stopped;
      assert.deepEqual([outcome.ok, !outcome.ok && outcome.failure.kind], [false, 'cancelled']);

      const done = value<FinishedSet>('evaluate', { ...asked, job: 'again' });
      await shown(/"again".*0 of 13 pictures, 0 workers/);
      const worker = await runCli(['worker', '--queue', redis.url, '--queue-name', 'editor'], {
        env: { INFERENCE_LENS_QUEUE_PASSWORD: PASSWORD },
      });
      assert.equal(worker.code, 0, worker.stderr);
      const finished = await done;
      assert.equal(finished.wasThere, false);
      for (const name of filesBelow(folder))
        assert.ok(
          readFileSync(join(folder, name)).equals(readFileSync(join(finished.folder, name))),
          `${name} is another than without the queue`,
        );
      assert.doesNotMatch(JSON.stringify(client.received) + client.log().join('\n'), /geheim/);
    } finally {
      await redis.kill();
    }
  });
});
