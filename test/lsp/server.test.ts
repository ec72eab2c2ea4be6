/** The built server spoken to over stdio: an analysis with all that follows from it, and answers meanwhile. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import type { Outcome } from '../../protocol/failure';
import type { Progress } from '../../protocol/analysis';
import { analyze, cancel, layerDetails, listModels, retarget } from '../../protocol/requests';
import { startServer, type RunningServer } from './server';

const portrait = resolve('samples/portrait.png');

/** Runs with a server of its own, which must end with code 0, a silent stderr and no process left. */
async function withServer(use: (server: RunningServer) => Promise<void>): Promise<void> {
  const server = await startServer();
  try {
    await use(server);
  } finally {
    const engines = enginesOf(server);
    assert.equal(await server.stop(), 0);
    assert.equal(server.stderr(), '');
    for (const pid of engines) assert.ok(!isAlive(pid), `engine ${pid} outlived the server`);
  }
}

/** The engines' process ids, as the server logged them. */
const enginesOf = ({ log }: RunningServer): number[] =>
  log.flatMap((line) => /^Engine (\d+) started/.exec(line)?.[1] ?? []).map(Number);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that has ended but was not waited for is no longer running.
    return !existsSync(`/proc/${pid}/stat`) || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function failureOf(outcome: Outcome<unknown>) {
  assert.ok(!outcome.ok, 'expected a failure');
  return outcome.failure;
}

/** Resolves when the server reports progress of a job at or past a step. */
const reaches = ({ connection }: RunningServer, job: string, step: Progress['step']): Promise<void> =>
  new Promise((done) => {
    connection.onNotification('inferenceLens/progress', (now: { job: string; progress: Progress }) => {
      if (now.job === job && now.progress.step === step) done();
    });
  });

describe('the language server', { timeout: 600_000 }, () => {
  test('analyses, with progress that never falls, first results before the report, and details', () =>
    withServer(async (server) => {
      const fractions: number[] = [];
      const order: string[] = [];
      server.connection.onNotification(
        'inferenceLens/progress',
        ({ job, progress }: { job: string; progress: Progress }) => {
          assert.equal(job, 'first');
          fractions.push(progress.fraction);
        },
      );
      server.connection.onNotification('inferenceLens/partial', () => order.push('partial'));
      const outcome = await server.ask(analyze, { job: 'first', image: portrait, options: {} });
      order.push('report');
      assert.ok(outcome.ok, JSON.stringify(outcome));
      assert.ok(order.filter((what) => what === 'partial').length >= 3, 'results come in stages');
      assert.equal(order.indexOf('report'), order.length - 1);
      assert.deepEqual(
        fractions,
        [...fractions].sort((a, b) => a - b),
      );
      assert.ok(fractions.length > 8);
      const { folder, report } = outcome.value;
      assert.ok(folder.startsWith(server.output));
      assert.ok(existsSync(resolve(folder, 'report.json')));
      assert.ok(report.model.untrained);

      server.connection.onNotification('inferenceLens/progress', () => undefined);
      const details = await server.ask(layerDetails, {
        job: 'details',
        folder,
        layer: 'block_20',
        channels: 4,
      });
      assert.ok(details.ok, JSON.stringify(details));
      assert.equal(details.value.channels.length, 4);

      const other = await server.ask(retarget, {
        job: 'other',
        folder,
        target: 'real',
        methods: ['gradcam'],
      });
      assert.ok(other.ok, JSON.stringify(other));
      assert.equal(other.value.report.target.label, 'real');
      assert.notEqual(other.value.folder, folder);
      assert.deepEqual(other.value.report.classifier.logits, report.classifier.logits);
    }));

  test('answers while an analysis runs, and cancels it', () =>
    withServer(async (server) => {
      const running = server.ask(analyze, { job: 'long', image: portrait, options: {} });
      await reaches(server, 'long', 'detection');
      const models = await server.ask(listModels, {});
      assert.ok(models.ok);
      assert.ok(models.value.some(({ id, untrained }) => id === 'demo' && untrained));
      assert.deepEqual(await server.ask(cancel, { job: 'long' }), { ok: true, value: null });
      assert.equal(failureOf(await running).kind, 'cancelled');
    }));
});

test('a setting that is wrong is named', async () => {
  const server = await startServer({ device: 'gpu' });
  const failure = failureOf(await server.ask(analyze, { job: 'a', image: portrait, options: {} }));
  assert.equal(failure.kind, 'usage');
  assert.match(failure.message, /inferenceLens\.device should be one of auto, .*; found "gpu"/);
  assert.equal(await server.stop(), 0);
});
