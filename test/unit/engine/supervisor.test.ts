/** The supervisor: idle engines, cancellation, crashes and their limit, restart, the end. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test, type TestContext } from 'node:test';
import type { EngineTask } from '../../../protocol/engine';
import { LensError } from '../../../server/src/errors';
import { engineEnvironment } from '../../../server/src/engine/child';
import { Supervisor, type SupervisorOptions } from '../../../server/src/engine/supervisor';
import { root, testCache } from '../../support/cli';
import { isRunning, until } from '../../support/processes';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('supervisor');

/**
 * An engine whose moments can be chosen, which no real task allows: the path of an import says what happens. It
 * answers with its process id, and tells of the end of the process what the test asks for.
 */
const scripted = join(folder, 'engine.cjs');
const script = `
const { setTimeout: sleep } = require('node:timers/promises');
const say = (message) => process.send(message);
const answer = (job, text = String(process.pid)) => say({ type: 'done', job, answer: text });
let onCancel = () => {};
process.on('disconnect', () => process.exit(0));
process.on('message', async (message) => {
  if (message.type === 'cancel') return onCancel(message.job);
  if (message.type === 'shutdown') {
    answer('late', 'of an old engine');
    await sleep(20);
    return process.exit(0);
  }
  const { job, task } = message;
  const [what, after = '0'] = task.path.split(' ');
  say({ type: 'progress', job, progress: { step: 'model', done: [], fraction: 0, message: String(process.pid) } });
  if (what === 'crash') { process.stderr.write('about to fall\\n', () => process.exit(3)); return; }
  if (what === 'stuck') return;
  if (what === 'obedient') { onCancel = (name) => say({ type: 'failed', job: name, failure: { kind: 'cancelled', message: 'Cancelled.', fix: null } }); return; }
  await sleep(Number(after));
  answer(job);
});
say({ type: 'ready', pid: process.pid, node: process.versions.node });
`;
before(() => writeFileSync(scripted, script));

const does = (path: string): Extract<EngineTask, { kind: 'importModel' }> => ({
  kind: 'importModel',
  architecture: null,
  stateDict: null,
  path,
  id: null,
});

interface Watched {
  readonly supervisor: Supervisor;
  readonly log: readonly string[];
  /** Process ids of the engines started so far. */
  readonly started: () => readonly number[];
  /** Runs a scripted task; its answer is the process id of the engine that did it. */
  readonly run: (job: string, path: string) => Promise<number | string>;
  /** Runs one, and resolves once the engine has begun with it. */
  readonly begin: (job: string, path: string) => Promise<{ readonly result: Promise<unknown> }>;
}

function watch(t: TestContext, options: Partial<SupervisorOptions> = {}): Watched {
  const log: string[] = [];
  const supervisor = new Supervisor({
    enginePath: scripted,
    log: (_level, text) => log.push(text),
    ...options,
  });
  t.after(() => supervisor.dispose());
  const run = async (job: string, path: string): Promise<number | string> => {
    const answer: unknown = await supervisor.run<'importModel'>(job, does(path));
    return /^\d+$/.test(String(answer)) ? Number(answer) : String(answer);
  };
  const begin = (job: string, path: string) =>
    new Promise<{ result: Promise<unknown> }>((resolve) => {
      const result = supervisor.run<'importModel'>(job, does(path), { progress: () => resolve({ result }) });
      result.catch(() => undefined); // looked at by the test
    });
  const started = () => log.flatMap((line) => /^Engine (\d+) started/.exec(line)?.[1] ?? []).map(Number);
  return { supervisor, log, started, run, begin };
}

const fails = (promise: Promise<unknown>, kind: string, message: RegExp) =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof LensError, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, message);
    return true;
  });

describe('the real engine', () => {
  const real = (t: TestContext, options: Partial<SupervisorOptions> = {}) =>
    watch(t, {
      enginePath: join(root, 'dist', 'engine.js'),
      env: { ...process.env, INFERENCE_LENS_CACHE: testCache },
      ...options,
    });

  test('ends after idling, and is started again for the next task', async (t) => {
    const { supervisor } = real(t, { idleMs: 50 });
    const list = () => supervisor.run<'listModels'>('list', { kind: 'listModels' });
    const models = await list();
    assert.equal(models[0]?.id, 'mobilenet_v2');
    const first = supervisor.pid;
    assert.ok(first !== null);
    await until(() => supervisor.pid === null && !isRunning(first), 'the idle engine has ended');
    assert.deepEqual(await list(), models);
    assert.notEqual(supervisor.pid, first);
  });

  test('equal tasks are done once; a job name is used once at a time', async (t) => {
    const { supervisor } = real(t);
    const ask = (job: string) => supervisor.run<'listModels'>(job, { kind: 'listModels' });
    const [a, b, again] = [ask('a'), ask('b'), ask('a')];
    await fails(again, 'usage', /"a" is already running/);
    assert.equal(await a, await b);
  });

  test('one that is expected is there before its task, once, and ends when none comes', async (t) => {
    const { supervisor, started } = real(t, { idleMs: 30_000 });
    supervisor.expectAnalysis();
    const { pid } = supervisor;
    assert.ok(pid !== null);
    supervisor.expectAnalysis();
    await supervisor.run<'listModels'>('list', { kind: 'listModels' });
    assert.deepEqual([supervisor.pid, started()], [pid, [pid]]);
    const idle = real(t, { idleMs: 50 }).supervisor;
    idle.expectAnalysis();
    const first = idle.pid;
    assert.ok(first !== null);
    await until(() => idle.pid === null && !isRunning(first), 'the engine that nobody asked has ended');
  });

  test('a failure is of the task, not of the engine', async (t) => {
    const { supervisor, started } = real(t);
    const path = join(folder, 'no such.pth');
    await fails(supervisor.run<'importModel'>('import', does(path)), 'model', /no such\.pth/);
    await supervisor.run<'listModels'>('list', { kind: 'listModels' });
    assert.equal(started().length, 1);
  });

  test('disposing an engine that is only starting leaves no process', async (t) => {
    const { supervisor } = real(t);
    const waiting = supervisor.run<'listModels'>('list', { kind: 'listModels' });
    const pid = supervisor.pid;
    assert.ok(pid !== null);
    await Promise.all([fails(waiting, 'cancelled', /Cancelled/), supervisor.dispose()]);
    assert.equal(isRunning(pid), false);
    await fails(supervisor.run<'listModels'>('later', { kind: 'listModels' }), 'cancelled', /shutting down/);
  });
});

describe('cancellation', () => {
  test('an engine that does not stop is ended, which is not a crash; what waited continues in a new one', async (t) => {
    const { supervisor, run, begin, started, log } = watch(t, { cancelGraceMs: 30 });
    for (const round of [1, 2, 3, 4]) {
      const stuck = await begin('stuck', `stuck ${round}`);
      const pid = supervisor.pid;
      const next = run('next', 'answer');
      supervisor.cancel('stuck');
      await fails(stuck.result, 'cancelled', /Cancelled/);
      assert.notEqual(await next, pid);
    }
    assert.equal(started().length, 5);
    assert.equal(log.filter((line) => line.includes('did not stop in time')).length, 4);
  });

  test('the grace time of a job that stopped does not end the next one', async (t) => {
    const { supervisor, run, begin, started } = watch(t, { cancelGraceMs: 250 });
    const first = await begin('first', 'obedient');
    const next = run('next', 'answer 500');
    supervisor.cancel('first');
    await fails(first.result, 'cancelled', /Cancelled/);
    assert.equal(await next, supervisor.pid);
    assert.equal(started().length, 1);
  });

  test('a queued job leaves without touching the running one; unknown names are ignored', async (t) => {
    const { supervisor, run } = watch(t);
    const running = run('running', 'answer 100');
    const queued = run('queued', 'stuck');
    supervisor.cancel('queued');
    supervisor.cancel('nobody');
    await fails(queued, 'cancelled', /Cancelled/);
    assert.equal(await running, supervisor.pid);
  });

  test('one of two who asked for the same may leave, even the first', async (t) => {
    const { supervisor, run, begin } = watch(t, { cancelGraceMs: 20 });
    const first = await begin('first', 'answer 100');
    const second = run('second', 'answer 100');
    supervisor.cancel('first');
    await fails(first.result, 'cancelled', /Cancelled/);
    assert.equal(await second, supervisor.pid);
  });
});

describe('crashes', () => {
  test('cost their job; three in a row are the end until reset, and no engine is started in vain', async (t) => {
    const { supervisor, run, started } = watch(t);
    const crashing = ['a', 'b', 'c'].map((job) => run(job, `crash ${job}`));
    const spared = run('d', 'answer');
    await Promise.all([
      ...crashing.map((job) => fails(job, 'internal', /exit code 3/)),
      fails(spared, 'internal', /crashed 3 times in a row/),
    ]);
    await fails(run('e', 'answer'), 'internal', /crashed 3 times in a row/);
    assert.equal(started().length, 3);
    assert.equal(supervisor.pid, null);
    supervisor.reset();
    assert.equal(await run('f', 'answer'), supervisor.pid);
  });

  test('a finished task between them starts the count again', async (t) => {
    const { run } = watch(t);
    for (const round of [1, 2]) {
      await fails(run('a', `crash ${round}`), 'internal', /exit code 3/);
      await fails(run('b', `crash ${round}`), 'internal', /exit code 3/);
      assert.ok(await run('c', 'answer'));
    }
  });

  test('an idle engine that is killed costs nothing', async (t) => {
    const { supervisor, run } = watch(t);
    for (const round of [1, 2, 3, 4]) {
      const pid = await run(`round ${round}`, 'answer');
      process.kill(Number(pid), 'SIGKILL');
      await until(() => supervisor.pid === null, 'the kill was seen');
    }
    assert.ok(await run('last', 'answer'));
  });

  test('one that is killed between two tasks costs neither: the second is done by a new engine', async (t) => {
    const { supervisor, run, log } = watch(t);
    for (const round of [1, 2, 3, 4]) {
      const pid = Number(await run(`first ${round}`, 'answer'));
      process.kill(pid, 'SIGKILL'); // of which nothing is known yet when the next is sent
      const next = await run(`second ${round}`, 'answer');
      assert.notEqual(next, pid);
      assert.equal(next, supervisor.pid);
    }
    assert.equal(log.filter((line) => line.startsWith('The idle engine was killed')).length, 4);
  });

  test('one that falls with the task that it was given is a crash, even if it stood idle before', async (t) => {
    const { run, started } = watch(t);
    await run('first', 'answer');
    await fails(run('second', 'crash'), 'internal', /exit code 3/);
    assert.equal(started().length, 1);
  });

  test('a runtime that cannot be started is named, and disposing does not wait for it', async (t) => {
    const execPath = join(folder, 'no-such-node');
    const { supervisor, run } = watch(t, { execPath });
    await fails(run('a', 'answer'), 'internal', /could not be started with .*no-such-node/);
    const waiting = run('b', 'answer');
    await Promise.all([fails(waiting, 'cancelled', /Cancelled/), supervisor.dispose()]);
  });
});

describe('an engine that does not respond', () => {
  /** Resolves with what the supervisor offers. */
  const silence = (t: TestContext, options: Partial<SupervisorOptions> = {}) => {
    const offers: { seconds: number; restart: () => void }[] = [];
    const silent = (seconds: number, restart: () => void) => void offers.push({ seconds, restart });
    return { ...watch(t, { heartbeatMs: 25, silent, ...options }), offers };
  };

  test('is named once, with the seconds, and a restart gives up its task alone', async (t) => {
    const { supervisor, run, begin, log, offers } = silence(t);
    const stuck = await begin('stuck', 'stuck');
    const old = supervisor.pid;
    const queued = run('queued', 'answer');
    await until(() => offers.length > 0, 'silence was noticed');
    assert.equal(offers[0]?.seconds, 0.1);
    assert.ok(log.includes('The engine has not responded for 0.1 seconds.'));
    offers[0].restart();
    await fails(stuck.result, 'cancelled', /restarted/);
    const present = await queued;
    assert.notEqual(present, old);
    offers[0].restart();
    assert.equal(supervisor.pid, present, 'an offer of the past restarts nothing');
  });

  test('one that is stopped by a signal is noticed, and goes on if it is let', async (t) => {
    const { supervisor, begin, offers } = silence(t, { heartbeatMs: 100 });
    const task = await begin('task', 'answer 50');
    const pid = Number(supervisor.pid);
    process.kill(pid, 'SIGSTOP');
    await until(() => offers.length > 0, 'silence was noticed');
    process.kill(pid, 'SIGCONT');
    assert.equal(Number(await task.result), pid);
  });

  test('an idle engine owes no sign of life', async (t) => {
    const { run, offers } = silence(t);
    await run('task', 'answer');
    const whileStarting = offers.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(offers.length, whileStarting);
  });
});

describe('restart', () => {
  test('ends the running job, keeps the queued ones, and frees the old engine', async (t) => {
    const { supervisor, run, begin } = watch(t);
    const running = await begin('running', 'stuck');
    const old = supervisor.pid;
    const queued = run('queued', 'answer');
    supervisor.reset();
    await fails(running.result, 'cancelled', /restarted/);
    assert.notEqual(await queued, old);
    assert.ok(old !== null);
    await until(() => !isRunning(old), 'the old engine has ended');
  });

  test('messages of an engine that was left are not taken for the next one', async (t) => {
    const { supervisor, run } = watch(t);
    const old = await run('early', 'answer');
    supervisor.reset();
    const late = await run('late', 'answer 300');
    assert.equal(late, supervisor.pid);
    assert.notEqual(late, old);
  });
});

test('the engine gets the environment of its parent, one heap, and what the user has set', () => {
  assert.deepEqual(engineEnvironment({ HOME: '/home' }), {
    ...{ HOME: '/home', ELECTRON_RUN_AS_NODE: '1' },
    MALLOC_ARENA_MAX: '1',
  });
  assert.equal(engineEnvironment({ MALLOC_ARENA_MAX: '8' })['MALLOC_ARENA_MAX'], '8');
});
