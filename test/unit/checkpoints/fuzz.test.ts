/** A short run of the fuzz command: 500 broken files, no violation. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

test('500 broken checkpoints are read or refused', () => {
  const command = join(__dirname, '..', '..', '..', 'bench', 'fuzz', 'checkpoints.ts');
  const run = spawnSync(process.execPath, ['--import', 'tsx', command, '--seed', '7', '--count', '500'], {
    encoding: 'utf8',
    cwd: join(__dirname, '..', '..', '..'),
  });
  assert.equal(run.status, 0, run.stdout + run.stderr);
  assert.match(run.stdout, /^seed 7: 500 cases, .* 0 violations$/m);
  const [read = 0] = [...run.stdout.matchAll(/^ *(\d+) {2}read$/gm)].map((row) => Number(row[1]));
  assert.ok(read > 0 && read < 250, `${read} of 500 are read: mutations must break most files, but not all`);
});
