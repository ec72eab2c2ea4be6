/** Evaluations come from other machines and with any repository: none of their files is waited for, leads elsewhere, or takes memory without a bound. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { baselineJudge } from '../../../server/src/evaluation/checks/baseline';
import { expectationsOf } from '../../../server/src/evaluation/checks/expectations';
import { FILES, readHead } from '../../../server/src/evaluation/place';
import { readPlace } from '../../../server/src/evaluation/run-file';
import { OpenTables, summaryIn } from '../../../server/src/evaluation/shown/open';
import { SUMMARY } from '../../../server/src/evaluation/summary/summary';
import { linesOf } from '../../../server/src/evaluation/table/journal';
import { temporaryFolder } from '../../support/temp';

const root = temporaryFolder('foreign-tables');

const things: Readonly<Record<string, (place: string) => void>> = {
  'a folder': (place) => {
    mkdirSync(place);
  },
  'a link to a device': (place) => {
    symlinkSync('/dev/zero', place);
  },
  'a named pipe': (place) => {
    execFileSync('mkfifo', [place]);
  },
};

const judge = async (path: string, at: string) => {
  const expectation = expectationsOf({ baseline: { rows: 'rows.jsonl' } }).at(-1);
  assert.ok(expectation?.is === 'baseline');
  return baselineJudge(expectation, path, dirname(path), at);
};

const lines = async (path: string): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const { text } of linesOf(path)) found.push(text);
  return found;
};

describe('files of an evaluation', { skip: process.platform === 'win32' && 'no pipes to name' }, () => {
  for (const [what, make] of Object.entries(things))
    test(`${what} in place of each is refused at once`, async () => {
      const folder = mkdtempSync(join(root, 'e-'));
      for (const name of [FILES.rows, FILES.head, FILES.run, SUMMARY]) make(join(folder, name));
      const rows = join(folder, FILES.rows);
      await assert.rejects(lines(rows), /rows\.jsonl: expected the rows of an evaluation, found /);
      await assert.rejects(
        judge(rows, 'small.check.json:3:5'),
        /^LensError: small\.check\.json:3:5: .*rows\.jsonl: expected the rows/,
      );
      assert.equal(await readHead(folder), null);
      assert.equal(await readPlace(folder), null);
      await assert.rejects(summaryIn(folder), /expected a finished evaluation/);
      await assert.rejects(new OpenTables().open(folder), /expected a finished evaluation/);
    });
});

test('a baseline that is not there, or holds other text, is named at its place', async () => {
  const path = join(root, 'rows.jsonl');
  await assert.rejects(judge(path, 'a.json:1:2'), /a\.json:1:2: .*found no file there/);
  writeFileSync(path, 'hello\n');
  await assert.rejects(judge(path, 'a.json:1:2'), /a\.json:1:2: .*found other text/);
  writeFileSync(path, '{"index": 0}\n');
  await assert.rejects(judge(path, 'a.json:1:2'), /a\.json:1:2: .*found other text/);
});

test('lines that cross the pieces in which a file is read are whole; one without an end is refused', async () => {
  const path = join(root, 'long.jsonl');
  const long = ['a'.repeat(300_000), '', 'é'.repeat(200_000), 'b'];
  writeFileSync(path, `${long.join('\n')}\ntorn`);
  assert.deepEqual(await lines(path), long);
  writeFileSync(path, '');
  truncateSync(path, 65 * 2 ** 20); // a hole: takes no room on the disk
  await assert.rejects(lines(path), /found a line of more than 64 MiB/);
});
