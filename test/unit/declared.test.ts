/** What is declared once in protocol/ stands the same in every file that is written from it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeDeclared } from '../../scripts/declare/all';

test('every file that is written from protocol/ is up to date', async () => {
  const changed = await writeDeclared();
  assert.deepEqual(
    changed,
    [],
    'not up to date, and written anew just now: read the difference and commit it',
  );
});
