/** Style sheets are as short as lint has TypeScript: at most 350 lines. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../server/src/system/paths';

const MOST_LINES = 350;

test('no style sheet has more lines', () => {
  const folder = join(projectRoot(), 'webview', 'src');
  const sheets = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.css'),
  );
  assert.ok(sheets.length > 3);
  const long = sheets.filter(
    (name) => readFileSync(join(folder, name), 'utf8').split('\n').length > MOST_LINES + 1,
  );
  assert.deepEqual(long, []);
});
