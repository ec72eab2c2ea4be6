/** Bounded work: never more than the limit under way, outcomes in order, nothing started after a stop. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inOrder } from '../../../server/src/system/in-order';

const never = new AbortController().signal;

/** Work that counts who is inside and takes as long as told. */
function counted(delays: readonly number[]) {
  const state = { inside: 0, most: 0, started: [] as number[] };
  const work = async (delay: number, index: number): Promise<number> => {
    state.started.push(index);
    state.most = Math.max(state.most, ++state.inside);
    await sleep(delay);
    state.inside -= 1;
    return index;
  };
  return { state, run: (limit: number, signal = never) => inOrder(delays, limit, work, signal) };
}

async function collect(outcomes: AsyncGenerator<number>): Promise<number[]> {
  const all: number[] = [];
  for await (const outcome of outcomes) all.push(outcome);
  return all;
}

for (const [limit, delays] of [
  [1, [3, 1, 2]],
  [3, [9, 1, 1, 1, 9, 1, 1]],
  [3, [1, 2, 3, 4, 5, 6, 7, 8, 9]],
  [5, [2, 1]],
  [3, []],
] as const) {
  test(`limit ${limit}, delays ${delays.join(' ')}`, async () => {
    const { state, run } = counted(delays);
    const all = delays.map((_, i) => i);
    assert.deepEqual(await collect(run(limit)), all);
    assert.deepEqual(state.started, all);
    assert.equal(state.most, Math.min(limit, delays.length));
  });
}

test('a slow first one holds the others back: what is finished but not yet yielded counts', async () => {
  const { state, run } = counted([40, 0, 0, 0, 0]);
  const outcomes = run(3);
  const first = outcomes.next();
  await sleep(20);
  assert.deepEqual(state.started, [0, 1, 2]);
  await first;
  assert.deepEqual(await collect(outcomes), [1, 2, 3, 4]);
});

test('after a stop nothing begins, and what is under way is still waited for', async () => {
  const { state, run } = counted([1, 5, 5, 5, 5]);
  const controller = new AbortController();
  const outcomes = run(3, controller.signal);
  assert.equal((await outcomes.next()).value, 0);
  controller.abort();
  assert.deepEqual(await collect(outcomes), [1, 2]);
  assert.deepEqual(state.started, [0, 1, 2]);
  assert.equal(state.inside, 0);
});

test('stopped beforehand: nothing at all', async () => {
  const { state, run } = counted([1, 1]);
  assert.deepEqual(await collect(run(2, AbortSignal.abort())), []);
  assert.deepEqual(state.started, []);
});
