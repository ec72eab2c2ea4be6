/** Painting between frames: a few at a time, in order, and nothing that is not wanted any more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PaintQueue } from '../../../webview/src/picture/paintQueue';

function stage() {
  let now = 0;
  const frames: (() => void)[] = [];
  const painted: string[] = [];
  const queue = new PaintQueue(
    (run) => frames.push(run),
    () => now,
  );
  const add = (name: string, cost: number) =>
    queue.add(() => {
      now += cost;
      painted.push(name);
    });
  return { add, painted, queue, frame: () => frames.shift()?.(), waiting: () => frames.length };
}

test('a frame paints what fits, at least one, and the rest comes with the next frames', () => {
  const { add, painted, frame, waiting } = stage();
  for (const name of ['a', 'b', 'c', 'd']) add(name, 4);
  assert.deepEqual([painted.length, waiting()], [0, 1]);
  frame();
  assert.deepEqual(painted, ['a', 'b']);
  add('e', 50);
  frame();
  assert.deepEqual(painted, ['a', 'b', 'c', 'd']);
  frame();
  assert.deepEqual(painted, ['a', 'b', 'c', 'd', 'e']);
  assert.equal(waiting(), 0, 'no frame is asked for where nothing waits');
});

test('what has left the page is not painted, and one that throws stops no other', () => {
  const { add, painted, queue, frame } = stage();
  const forget = add('gone', 1);
  queue.add(() => {
    throw new Error('broken');
  });
  add('here', 1);
  forget();
  assert.throws(frame, /broken/);
  frame();
  assert.deepEqual(painted, ['here']);
});
