/** The job queue: order, merging of equal work, leaving. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JobQueue } from '../../../server/src/engine/queue';

const queueOf = (...entries: readonly (readonly [job: string, key: string])[]) => {
  const queue = new JobQueue<string>();
  for (const [job, key] of entries) queue.add(job, key, key);
  return queue;
};

test('one at a time, first come first served', () => {
  const queue = queueOf(['a', '1'], ['b', '2']);
  assert.equal(queue.start()?.key, '1');
  assert.equal(queue.start(), null);
  queue.finish();
  assert.equal(queue.start()?.key, '2');
});

test('equal work is done once, queued or running', () => {
  const queue = queueOf(['a', '1'], ['b', '1']);
  assert.equal(queue.length, 1);
  queue.start();
  assert.equal(queue.add('c', '1', '1').merged, true);
  assert.deepEqual([...(queue.current?.waiting ?? [])], ['a', 'b', 'c']);
});

test('work stops only when the last waiter leaves', () => {
  const queue = queueOf(['a', '1'], ['b', '1'], ['c', '2']);
  queue.start();
  assert.equal(queue.remove('a'), 'left');
  assert.equal(queue.remove('b'), 'stop');
  assert.equal(queue.remove('c'), 'dropped');
  assert.equal(queue.remove('d'), 'unknown');
  assert.equal(queue.length, 1);
});

test('work that everyone left is not joined again', () => {
  const queue = queueOf(['a', '1']);
  queue.start();
  queue.remove('a');
  assert.equal(queue.add('b', '1', '1').merged, false);
});
