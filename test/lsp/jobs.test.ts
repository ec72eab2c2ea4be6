/** Jobs of the built server: cancelled at every moment, requested twice, and killed in the middle. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import {
  analyze,
  cancel,
  listModels,
  progress,
  retarget,
  type FinishedReport,
} from '../../protocol/requests';
import type { Outcome } from '../../protocol/failure';
import { writeModel } from '../../server/src/onnx/write';
import { samplePath, testCache } from '../support/cli';
import { isRunning } from '../support/processes';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';
import { startServer, type RunningServer } from './server';
import { enginePids, failureOf, nextProgress, valueOf } from './watch';

process.env['INFERENCE_LENS_CACHE'] = testCache;

const folder = temporaryFolder('jobs');
const weights = join(folder, 'small.onnx');
before(() => writeModel(smallClassifier(), weights));

let count = 0;
/** A quick analysis that is equal to no earlier one. */
const small = (job: string) => {
  count += 1;
  const output = join(folder, `small-${count}`);
  const options = { weights, output, pipeline: 'imagenet', device: 'cpu' as const };
  return { job, image: samplePath, options };
};
/** One of EfficientNet-B5, long enough to be met in the middle. */
const large = (job: string) => {
  const { image, options } = small(job);
  return { job, image, options: { ...options, weights: 'demo', pipeline: 'fsbi' } };
};

const reportsIn = (output: string): readonly string[] => readdirSync(output);

describe('cancellation', () => {
  let server: RunningServer;
  before(async () => (server = await startServer()));
  after(() => server.stop());

  test('a queued job: at once, and nothing is written', async () => {
    const running = server.ask(analyze, large('running'));
    await nextProgress(server, 'running', 'input');
    const params = small('queued');
    const queued = server.ask(analyze, params);
    let over = false;
    void running.then(() => (over = true));
    assert.equal(valueOf(await server.ask(cancel, { job: 'queued' })), null);
    assert.equal(failureOf(await queued).kind, 'cancelled');
    assert.equal(over, false);
    assert.throws(() => reportsIn(params.options.output), { code: 'ENOENT' });
    await server.ask(cancel, { job: 'running' });
    assert.equal(failureOf(await running).kind, 'cancelled');
  });

  /** The output folder of a job that was cancelled in the step; one that is through before it hears of it proves nothing. */
  async function cancelledIn(step: 'input' | 'model' | 'explain' | 'pictures'): Promise<string> {
    for (let tries = 1; ; tries++) {
      const params = large('running');
      const running = server.ask(analyze, params);
      await nextProgress(server, 'running', step);
      await server.ask(cancel, { job: 'running' });
      const answer = await running;
      if (answer.ok && tries < 5) continue;
      const { kind, message } = failureOf(answer);
      assert.deepEqual([kind, message], ['cancelled', 'Cancelled.']);
      return params.options.output;
    }
  }

  for (const step of ['input', 'model', 'explain', 'pictures'] as const)
    test(`a running job in the step ${step}: no report, and the next job works`, async () => {
      const output = await cancelledIn(step);
      const next = small('next');
      valueOf(await server.ask(analyze, { ...next, options: { ...next.options, output } }));
      assert.equal(reportsIn(output).length, 1, 'the report of the second job alone');
    });

  test('by cancelling the request itself, as the protocol has it', async () => {
    const source = new CancellationTokenSource();
    const running = server.connection.sendRequest<Outcome<FinishedReport>>(
      analyze.method,
      large('running'),
      source.token,
    );
    await nextProgress(server, 'running', 'input');
    source.cancel();
    assert.equal(failureOf(await running).kind, 'cancelled');
  });

  test('before the settings have come', async () => {
    const own = await startServer();
    const asked = new Promise<void>((resolve) => {
      own.connection.onRequest('workspace/configuration', () => {
        resolve();
        return new Promise(() => undefined); // an editor that never answers
      });
    });
    const waiting = own.ask(analyze, small('waiting'));
    await asked;
    const { kind, message } = failureOf(await own.ask(analyze, small('waiting')));
    assert.equal(kind, 'usage');
    assert.match(message, /"waiting" is already running/);
    await own.ask(cancel, { job: 'waiting' });
    assert.equal(failureOf(await waiting).kind, 'cancelled');
    const again = own.ask(analyze, small('again'));
    assert.equal(await own.stop(), 0);
    assert.equal(failureOf(await again).kind, 'cancelled');
    assert.deepEqual(enginePids(own), []);
  });
});

describe('equal jobs', () => {
  test('are done once: while one runs, while one waits, and from another target', async () => {
    const server = await startServer();
    const params = large('first');
    const { image, options } = params;
    const first = server.ask(analyze, params);
    await nextProgress(server, 'first', 'input');
    const second = server.ask(analyze, { job: 'second', image, options });
    const other = small('other');
    const [one, two] = ['one', 'two'].map((job) => server.ask(analyze, { ...other, job }));
    const { folder: place } = valueOf(await first);
    assert.equal(valueOf(await second).folder, place);
    const found = [one, two].map((answer) => answer?.then((value) => valueOf(value).folder));
    assert.equal(await found[0], await found[1]);
    assert.deepEqual([reportsIn(options.output).length, reportsIn(other.options.output).length], [1, 1]);

    const again = ['a', 'b'].map((job) =>
      server.ask(retarget, { job, folder: place, target: 'real', methods: ['gradcam'] }),
    );
    const [a, b] = (await Promise.all(again)).map((answer) => valueOf(answer).folder);
    assert.equal(a, b);
    assert.notEqual(a, place);
    assert.equal(reportsIn(options.output).length, 2);
    assert.equal(await server.stop(), 0);
    assert.equal(server.stderr(), '');
  });
});

describe('an engine that is killed', () => {
  let server: RunningServer;
  beforeEach(async () => (server = await startServer()));

  /** Starts an analysis and kills its engine at the step. */
  async function killed(job: string, step: 'input' | 'explain') {
    const running = server.ask(analyze, large(job));
    await nextProgress(server, job, step);
    const pid = enginePids(server).at(-1);
    assert.ok(pid !== undefined && isRunning(pid));
    process.kill(pid, 'SIGKILL');
    return failureOf(await running);
  }

  test('costs one job; the one that waits is done by a new engine', async () => {
    const dying = killed('dying', 'explain');
    const waiting = server.ask(analyze, small('waiting'));
    const { kind, message, fix } = await dying;
    assert.equal(kind, 'internal');
    assert.match(message, /engine process was killed \(signal SIGKILL\), as .* memory runs out/);
    assert.match(fix ?? '', /Try again/);
    valueOf(await waiting);
    assert.equal(enginePids(server).length, 2);
    assert.equal(await server.stop(), 0);
    assert.equal(server.stderr(), '');
  });

  test('three times in a row is not started again, and says so; models still answer; a new server works', async () => {
    for (const job of ['a', 'b', 'c']) assert.equal((await killed(job, 'input')).kind, 'internal');
    const { kind, message, fix } = failureOf(await server.ask(analyze, small('d')));
    assert.equal(kind, 'internal');
    assert.match(message, /crashed 3 times in a row/);
    assert.match(fix ?? '', /Doctor.*Select Device.*Restart Server/);
    assert.equal(enginePids(server).length, 3);
    valueOf(await server.ask(listModels, {}));
    assert.equal(await server.stop(), 0);

    server = await startServer();
    const seen: string[] = [];
    server.connection.onNotification(progress.method, ({ job }: { job: string }) => seen.push(job));
    valueOf(await server.ask(analyze, small('fresh')));
    assert.ok(seen.includes('fresh'));
    assert.equal(await server.stop(), 0);
  });
});
