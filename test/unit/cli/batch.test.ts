/** What is said of many images: share, pace, remaining time, and the counts at the end. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Report } from '../../../protocol/report';
import type { FinishedReport } from '../../../protocol/requests';
import { BatchProgress, duration, imagesPerSecond } from '../../../server/src/cli/batch-progress';
import { row, Tally } from '../../../server/src/cli/batch-summary';
import { LensError } from '../../../server/src/errors';

test('share, pace from the first finished image on, and time left', () => {
  let now = 50;
  const batch = new BatchProgress(5, () => now);
  assert.equal(batch.describe(), '0 of 5');
  batch.running(0, 0.5);
  batch.running(1, 0.25);
  assert.equal(batch.share, 0.15);
  now += 9000; // the network was loaded
  batch.finished(0);
  assert.equal(batch.share, 0.25);
  assert.equal(batch.describe(), '1 of 5');
  now += 400;
  batch.finished(1);
  assert.equal(batch.describe(), '2 of 5', 'too early for a pace');
  now += 600;
  batch.finished(2);
  assert.equal(batch.describe(), '3 of 5, 2.00 images/s, 1.0 s left');
  now += 1000;
  batch.finished(3);
  batch.finished(4);
  assert.equal(batch.describe(), '5 of 5, 2.00 images/s');
  assert.deepEqual([batch.share, batch.seconds], [1, 11]);
});

test('the share never falls, in whatever order images begin and end', () => {
  const batch = new BatchProgress(3);
  const shares = [batch.share];
  const then = (change: () => void): void => {
    change();
    shares.push(batch.share);
  };
  then(() => batch.running(1, 0.9));
  then(() => batch.running(0, 0.1));
  then(() => batch.finished(1));
  then(() => batch.running(2, 0));
  then(() => batch.finished(2)); // failed at once
  then(() => batch.running(0, 0.6));
  then(() => batch.finished(0));
  assert.deepEqual(
    shares,
    shares.toSorted((a, b) => a - b),
  );
  assert.equal(shares.at(-1), 1);
});

for (const [seconds, text] of [
  [0.04, '0.0 s'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [59.6, '1 min 0 s'],
  [3599, '59 min 59 s'],
  [7500, '2 h 5 min'],
] as const) {
  test(`${seconds} s is ${text}`, () => assert.equal(duration(seconds), text));
}

test('images a second have three digits', () => {
  assert.deepEqual(
    [0.0512, 1.4, 25, 100.4].map(imagesPerSecond),
    ['0.0512', '1.40', '25.0', '100'].map((n) => `${n} images/s`),
  );
});

const finished = (label: string, untrained = false, warnings: readonly string[] = []): FinishedReport => {
  const report = {
    classifier: { predicted: { label, index: 0 }, confidence: 0.928 },
    model: { name: 'm', architecture: 'a/b5', untrained },
    warnings: warnings.map((code) => ({ code })),
  } as unknown as Report;
  return { folder: join(process.cwd(), 'out', 'id', 'result'), report };
};

test('a line for each image, with its verdict, its doubt and its report', () => {
  const image = join(process.cwd(), 'photos', 'a b.jpg');
  assert.equal(
    row(image, finished('real')),
    `real 92.8%  ${join('photos', 'a b.jpg')}  ->  ${join('out', 'id', 'result', 'report.md')}\n`,
  );
  assert.match(row(image, finished('real', true)), /^real 92\.8% \(untrained\) {2}/);
});

test('the summary counts labels, failures by what they are, and warnings', () => {
  const tally = new Tally();
  for (const label of ['fake', 'real', 'fake']) tally.report(finished(label, true, ['untrained-weights']));
  tally.failure(new LensError('image', 'x', { code: 'no-face' }));
  tally.failure(new LensError('image', 'x'));
  tally.failure(new LensError('image', 'x', { code: 'no-face' }));
  assert.deepEqual(tally.summary(8, 4, '/out').split('\n'), [
    'images    6 of 8 in 4.0 s, 1.50 images/s',
    'model     m, a/b5 (untrained demo weights)',
    'verdicts  fake 2, real 1',
    'failed    3: no-face 2, image 1',
    'warnings  untrained-weights 3',
    'reports   /out',
    '',
  ]);
});

test('of many labels the most frequent are named', () => {
  const tally = new Tally();
  for (let i = 0; i < 12; i++) for (let k = i; k < 12; k++) tally.report(finished(`class ${i}`));
  assert.match(tally.summary(78, 1, '/out'), /^verdicts {2}class 0 12, class 1 11, .*class 7 5, others 10$/m);
});

test('nothing but failures', () => {
  const tally = new Tally();
  tally.failure(new LensError('image', 'x'));
  assert.deepEqual(tally.summary(1, 0, '/out').split('\n').slice(0, 4), [
    'images    1 in 0.0 s',
    'verdicts  none',
    'failed    1: image 1',
    'warnings  none',
  ]);
});
