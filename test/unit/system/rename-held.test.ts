/** Renaming on Windows: tried again while somebody reads in the folder, never elsewhere or for other reasons. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renameHeld } from '../../../server/src/system/rename-held';

/** Fails a given number of times, with the given code. */
function moving(failures: number, code: string) {
  const calls: string[] = [];
  const move = (from: unknown, to: unknown): Promise<void> => {
    calls.push(`${String(from)} ${String(to)}`);
    return calls.length > failures
      ? Promise.resolve()
      : Promise.reject(Object.assign(new Error(code), { code }));
  };
  return { calls, options: { move, waits: [0, 0, 0] } };
}

for (const code of ['EPERM', 'EACCES', 'EBUSY'])
  test(`${code} on Windows is waited out`, async () => {
    const { calls, options } = moving(3, code);
    await renameHeld('a', 'b', { ...options, platform: 'win32' });
    assert.deepEqual(calls, ['a b', 'a b', 'a b', 'a b']);
  });

test('not for ever', async () => {
  const { calls, options } = moving(9, 'EPERM');
  await assert.rejects(renameHeld('a', 'b', { ...options, platform: 'win32' }), { code: 'EPERM' });
  assert.equal(calls.length, 4);
});

test('another reason, or another system, is an error at once', async () => {
  for (const [code, platform] of [
    ['ENOENT', 'win32'],
    ['EPERM', 'linux'],
  ] as const) {
    const { calls, options } = moving(1, code);
    await assert.rejects(renameHeld('a', 'b', { ...options, platform }), { code });
    assert.equal(calls.length, 1);
  }
});
