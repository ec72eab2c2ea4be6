/** Several images: one at a time, stopped all at once, and what is said at the end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchLine, batchSummary, runBatch } from '../../../client/src/report/batch';
import type { Failure, Outcome } from '../../../protocol/failure';
import type { FinishedReport } from '../../../protocol/requests';

const report = (folder: string, untrained = false): Outcome<FinishedReport> =>
  ({
    ok: true,
    value: {
      folder,
      report: { classifier: { predicted: { label: 'real' }, confidence: 0.928 }, model: { untrained } },
    },
  }) as unknown as Outcome<FinishedReport>;
const failed = (kind: Failure['kind'], code: Failure['code'] = kind): Outcome<FinishedReport> => ({
  ok: false,
  failure: { kind, code, message: 'no face', fix: null },
});

/** Runs a batch whose images end as given; `stopAt` stops everything while that image runs. */
async function run(outcomes: readonly Outcome<FinishedReport>[], stopAt = -1) {
  let under = 0;
  let most = 0;
  let stop = (): void => undefined;
  const images = outcomes.map((_, index) => `/${index}.png`);
  const batch = await runBatch(
    images,
    (_image, index) => {
      most = Math.max(most, ++under);
      let cancelled = false;
      const done = new Promise<Outcome<FinishedReport>>((resolve) =>
        setImmediate(() => {
          if (index === stopAt) stop();
          under -= 1;
          resolve(cancelled ? failed('cancelled') : (outcomes[index] ?? failed('internal')));
        }),
      );
      return { done, cancel: () => (cancelled = true) };
    },
    (now) => {
      stop = now;
      return () => (stop = () => undefined);
    },
  );
  return { batch, most };
}

test('all are analyzed one after the other, also past one that fails', async () => {
  const { batch, most } = await run([report('/a'), failed('image', 'no-face'), report('/c')]);
  assert.equal(most, 1);
  assert.deepEqual(
    batch.results.map(({ image, outcome }) => [image, outcome.ok]),
    [
      ['/0.png', true],
      ['/1.png', false],
      ['/2.png', true],
    ],
  );
  assert.equal(batchSummary(batch), '2 of 3 images analyzed. One failed: no face');
});

test('stopped: the image that runs is cancelled and no other is begun', async () => {
  const { batch } = await run([report('/a'), report('/b'), report('/c'), report('/d')], 1);
  assert.deepEqual([batch.results.length, batch.total], [1, 4]);
  assert.equal(batchSummary(batch), '1 of 4 images analyzed. 3 were not analyzed.');
});

test('a full disk stops the rest', async () => {
  const { batch } = await run([report('/a'), failed('output', 'disk-full'), report('/c')]);
  assert.equal(batchSummary(batch), '1 of 3 images analyzed. One failed: no face 1 was not analyzed.');
});

test('a line tells the verdict, that weights are untrained, or what failed', () => {
  const line = (outcome: Outcome<FinishedReport>) => batchLine({ image: '/x/a b.png', outcome });
  assert.deepEqual(line(report('/r')), { label: '$(file-media) a b.png', description: 'real 92.8%' });
  assert.equal(line(report('/r', true)).description, 'real 92.8% · untrained demo weights');
  assert.deepEqual(line(failed('image')), { label: '$(error) a b.png', description: 'no face' });
});

test('a verdict that cannot be given has no percentage', () => {
  const undecided = {
    ok: true,
    value: {
      folder: '/u',
      report: {
        classifier: { predicted: { index: null, label: 'undecided' }, confidence: null },
        model: { untrained: false },
      },
    },
  } as unknown as Outcome<FinishedReport>;
  assert.equal(batchLine({ image: '/u.png', outcome: undecided }).description, 'undecided');
});
