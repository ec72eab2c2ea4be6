/** Verdicts of an edited input: one at a time, and of those that wait the last. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByHand, isByHand } from '../../../client/src/panel/byHand';
import type { HandEdit, SentToPanel } from '../../../protocol/panel';
import type { Report } from '../../../protocol/report';

const edit = (x: number): HandEdit => ({ box: [x, 0, x + 10, 10], strokes: null });

test('of questions that come while one is answered, the last is asked next', async () => {
  const asked: unknown[] = [];
  const sent: SentToPanel[] = [];
  const answers: ((ok: boolean) => void)[] = [];
  const verdict = (...question: unknown[]) => {
    asked.push(question);
    const failure = { kind: 'image', message: 'no', fix: null } as const;
    const done = new Promise<never>((resolve) => {
      answers.push((ok) => resolve((ok ? { ok, value: {} } : { ok, failure }) as never));
    });
    return { done, cancel: () => undefined };
  };
  const byHand = new ByHand({ verdict, filePicture: verdict }, (message) => sent.push(message));
  const ask = (number: number, folder: string | null = '/r') =>
    byHand.answer(
      { type: 'verdict', asked: number, edit: edit(number) },
      { image: '/a.png', folder, asked: { detector: 'none' } },
    );
  const first = ask(1);
  await Promise.all([ask(2), ask(3)]);
  assert.deepEqual(asked, [['/a.png', '/r', edit(1)]]);
  answers[0]?.(true);
  while (asked.length < 2) await Promise.resolve();
  assert.deepEqual(asked[1], ['/a.png', '/r', edit(3)]);
  answers[1]?.(false);
  await first;
  assert.deepEqual(
    sent.map((message) => [message.type, 'asked' in message && message.asked]),
    [
      ['verdict', 1],
      ['verdictFailed', 3],
    ],
  );
  const alone = ask(4, null);
  assert.deepEqual(asked[2], ['/a.png', null, { detector: 'none', ...edit(4) }], 'without a report');
  answers[2]?.(true);
  await alone;
});

test('a report is of an edited input where it was given a box or strokes', () => {
  const of = (options: object | undefined) => isByHand({ options } as unknown as Report);
  assert.ok(!of(undefined) && !of({ box: null }) && !of({ box: null, strokes: null }));
  assert.ok(of({ box: [1, 2, 3, 4] }) && of({ box: null, strokes: [] }));
});
