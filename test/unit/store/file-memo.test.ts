/** What is known of a file holds while it is the same file, and no longer. */
import assert from 'node:assert/strict';
import { readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FileMemo } from '../../../server/src/store/file-memo';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('memo');
const later = (): number => Date.now() + 60_000;

/** A file, and reading it with a count of how often that was done. */
function counted(name: string, content: string) {
  const path = join(folder, name);
  writeFileSync(path, content);
  const state = { path, reads: 0 };
  const read = (): Promise<string> => {
    state.reads += 1;
    return Promise.resolve(readFileSync(path, 'utf8'));
  };
  return { state, read };
}

test('asked once for each question while nothing changes, also by two at once', async () => {
  const { state, read } = counted('same', 'abc');
  const memo = new FileMemo(later);
  await Promise.all([memo.get(state.path, 'text', read), memo.get(state.path, 'text', read)]);
  assert.equal(await memo.get(state.path, 'text', read), 'abc');
  assert.equal(state.reads, 1);
  assert.equal(await memo.get(state.path, 'length', async () => (await read()).length), 3);
  assert.equal(state.reads, 2);
});

for (const [name, change] of [
  ['another content of another length', (path: string) => writeFileSync(path, 'longer')],
  ['another content of the same length', (path: string) => writeFileSync(path, 'xyz')],
  [
    'another content with the old length and time',
    (path: string) => {
      const { atime, mtime } = statSync(path);
      writeFileSync(path, 'xyz');
      utimesSync(path, atime, mtime);
    },
  ],
  [
    'another file in its place',
    (path: string) => {
      writeFileSync(`${path}.new`, 'new');
      renameSync(`${path}.new`, path);
    },
  ],
] as const) {
  test(`read again: ${name}`, async () => {
    const { state, read } = counted(name, 'abc');
    const memo = new FileMemo(later);
    assert.equal(await memo.get(state.path, 'text', read), 'abc');
    await new Promise((resolve) => setTimeout(resolve, 20)); // more than a file system's tick
    change(state.path);
    assert.equal(await memo.get(state.path, 'text', read), readFileSync(state.path, 'utf8'));
    assert.equal(state.reads, 2);
  });
}

test('a file that was written just now is read every time: it may change within one tick of its clock', async () => {
  const { state, read } = counted('fresh', 'abc');
  const memo = new FileMemo();
  await memo.get(state.path, 'text', read);
  writeFileSync(state.path, 'xyz');
  assert.equal(await memo.get(state.path, 'text', read), 'xyz');
  assert.equal(state.reads, 2);
});

test('failures are not kept; a file that is not there is the asker’s business', async () => {
  const { state, read } = counted('fails', 'abc');
  const memo = new FileMemo(later);
  await assert.rejects(
    memo.get(state.path, 'text', () => Promise.reject(new Error('disk'))),
    /disk/,
  );
  assert.equal(await memo.get(state.path, 'text', read), 'abc');
  const missing = join(folder, 'missing');
  await assert.rejects(
    memo.get(missing, 'text', () => Promise.reject(new Error('gone'))),
    /gone/,
  );
});
