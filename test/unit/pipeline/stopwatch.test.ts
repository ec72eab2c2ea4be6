/** Times of steps: only what a step itself took, and progress that never falls. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Progress } from '../../../protocol/analysis';
import { Stopwatch } from '../../../server/src/pipeline/reporting/stopwatch';
import { ANALYSIS_STEPS, idsOf } from '../../../protocol/vocabulary';

test('what passes between two steps is the time of neither', () => {
  let now = 1000;
  const watch = new Stopwatch(undefined, () => now);
  now += 7; // before the first step
  watch.step('input', 'reading');
  now += 10;
  watch.stop();
  now += 500; // others have their turn
  watch.step('explain', 'running');
  now += 20.125;
  watch.step('pictures', 'drawing');
  now += 5;
  watch.stop();
  now += 3;
  watch.stop();
  assert.deepEqual(watch.timings(), [
    { step: 'input', milliseconds: 10 },
    { step: 'explain', milliseconds: 20.13 },
    { step: 'pictures', milliseconds: 5 },
  ]);
});

test('a step that is taken up again adds up', () => {
  let now = 0;
  const watch = new Stopwatch(undefined, () => now);
  for (const milliseconds of [4, 6]) {
    watch.step('model', 'loading');
    now += milliseconds;
    watch.stop();
    now += 100;
  }
  assert.deepEqual(watch.timings(), [{ step: 'model', milliseconds: 10 }]);
});

test('a step of which it is yet to be found out what to say is timed and logged from its beginning', () => {
  let now = 0;
  const reported: string[] = [];
  const log: string[] = [];
  const watch = new Stopwatch(
    ({ message }) => reported.push(message),
    () => now,
    (line) => log.push(line),
  );
  watch.step('model', 'loading', false);
  now += 7;
  assert.deepEqual(reported, []);
  watch.within(0.2, 'preparing');
  now += 3;
  watch.stop();
  assert.deepEqual(reported, ['preparing']);
  assert.deepEqual(log, ['model: loading', 'model: 10 ms']);
  assert.deepEqual(watch.timings(), [{ step: 'model', milliseconds: 10 }]);
});

test('progress rises from 0 to 1 over all steps and says nothing between them', () => {
  const reported: Progress[] = [];
  const watch = new Stopwatch((progress) => reported.push(progress));
  for (const step of idsOf(ANALYSIS_STEPS)) {
    watch.step(step, 'begins');
    watch.within(0.5, 'goes on');
    watch.within(1, 'ends');
    watch.stop();
    watch.within(0, 'nobody’s');
  }
  assert.equal(reported.length, 3 * idsOf(ANALYSIS_STEPS).length);
  const fractions = reported.map(({ fraction }) => fraction);
  assert.deepEqual(
    fractions,
    fractions.toSorted((a, b) => a - b),
  );
  assert.deepEqual([fractions[0], Math.round((fractions.at(-1) ?? 0) * 1e9) / 1e9], [0, 1]);
  assert.deepEqual(reported.at(-1)?.done, idsOf(ANALYSIS_STEPS).slice(0, -1));
});

test('progress never falls, in whatever order the steps come and however often', () => {
  const reported: Progress[] = [];
  const watch = new Stopwatch((progress) => reported.push(progress));
  for (const step of ['input', 'model', 'crop', 'model', 'wavelet'] as const) {
    watch.step(step, 'begins');
    watch.within(0.5, 'goes on');
    watch.stop();
  }
  const fractions = reported.map(({ fraction }) => fraction);
  assert.deepEqual(
    fractions,
    fractions.toSorted((a, b) => a - b),
  );
  assert.deepEqual(reported.at(-1)?.done, ['input', 'model', 'crop']);
  assert.ok(!reported.some(({ step, done }) => done.includes(step)));
});
