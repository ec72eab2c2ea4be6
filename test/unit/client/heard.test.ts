/** What a page is told that comes back in the middle of a run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Heard } from '../../../client/src/panel/heard';

test('the beginning, every part, and only the last progress', () => {
  const heard = new Heard();
  const image = '/a.png';
  const at = (fraction: number) =>
    ({ type: 'loading', image, progress: { step: 'input', done: [], fraction, message: '' } }) as const;
  const begin = { type: 'loading', image, progress: null } as const;
  const [one, two] = ['x', 'y'].map((base) => ({ type: 'partial', folder: base, base, report: {} }) as const);
  assert.ok(one && two);
  for (const message of [begin, at(0), one, at(0.1), at(0.2), two, at(0.3)]) heard.add(message);
  assert.deepEqual(heard.messages, [begin, one, two, at(0.3)]);
  heard.clear();
  assert.deepEqual(heard.messages, []);
});
