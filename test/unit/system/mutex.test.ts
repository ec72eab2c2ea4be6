/** Turns: one at a time, in the order of asking, whatever fails or gives up in between. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as tick } from 'node:timers/promises';
import { Mutex } from '../../../server/src/system/mutex';

/** Work that ends when it is told to. */
function gate(): { readonly work: () => Promise<void>; readonly open: () => void; started: boolean } {
  let open = (): void => undefined;
  const ended = new Promise<void>((resolve) => (open = resolve));
  const made = {
    started: false,
    open: () => open(),
    work: () => {
      made.started = true;
      return ended;
    },
  };
  return made;
}

test('the next begins when the one before has ended, in the order of asking', async () => {
  const mutex = new Mutex();
  const gates = [gate(), gate(), gate()];
  const passes = gates.map(({ work }) => mutex.pass(work));
  const started = () => gates.map((g) => g.started);
  await tick();
  assert.deepEqual(started(), [true, false, false]);
  gates[0]!.open();
  await tick();
  assert.deepEqual(started(), [true, true, false]);
  gates[1]!.open();
  await tick();
  assert.deepEqual(started(), [true, true, true]);
  gates[2]!.open();
  await Promise.all(passes);
});

test('one who comes at the moment of the hand-over waits behind those who waited', async () => {
  const mutex = new Mutex();
  const order: string[] = [];
  const first = gate();
  const say = (name: string) => () => {
    order.push(name);
    return Promise.resolve();
  };
  const running = mutex.pass(first.work);
  const second = mutex.pass(say('second'));
  const third = running.then(() => mutex.pass(say('third')));
  first.open();
  await Promise.all([running, second, third]);
  assert.deepEqual(order, ['second', 'third']);
});

test('a failure is the caller’s and lets the next one in', async () => {
  const mutex = new Mutex();
  const failing = mutex.pass(() => Promise.reject(new Error('broken')));
  const next = mutex.pass(() => Promise.resolve('fine'));
  await assert.rejects(failing, /broken/);
  assert.equal(await next, 'fine');
  assert.equal(await mutex.pass(() => Promise.resolve('again')), 'again');
});

test('whoever is stopped while waiting never works, and the others keep their order', async () => {
  const mutex = new Mutex();
  const first = gate();
  const running = mutex.pass(first.work);
  const controller = new AbortController();
  const stopped = gate();
  const waiting = mutex.pass(stopped.work, controller.signal);
  const last = mutex.pass(() => Promise.resolve('last'));
  controller.abort();
  await assert.rejects(waiting, { kind: 'cancelled' });
  first.open();
  await running;
  assert.equal(await last, 'last');
  assert.equal(stopped.started, false);
});

test('a signal that was aborted before is refused at once; one aborted in the turn is the work’s business', async () => {
  const mutex = new Mutex();
  await assert.rejects(
    mutex.pass(() => Promise.resolve(1), AbortSignal.abort()),
    { kind: 'cancelled' },
  );
  const controller = new AbortController();
  const { work, open } = gate();
  const pass = mutex.pass(work, controller.signal);
  controller.abort();
  open();
  await pass;
  assert.equal(await mutex.pass(() => Promise.resolve(2)), 2);
});

test('with two places two work at a time, and whoever ends lets one in', async () => {
  const mutex = new Mutex(2);
  const gates = [gate(), gate(), gate(), gate()];
  const passes = gates.map(({ work }) => mutex.pass(work));
  const started = () => gates.map((g) => g.started);
  await tick();
  assert.deepEqual(started(), [true, true, false, false]);
  gates[1]!.open();
  await tick();
  assert.deepEqual(started(), [true, true, true, false]);
  gates[0]!.open();
  gates[2]!.open();
  await tick();
  assert.deepEqual(started(), [true, true, true, true]);
  gates[3]!.open();
  await Promise.all(passes);
  assert.equal(await mutex.pass(() => Promise.resolve('free again')), 'free again');
});
