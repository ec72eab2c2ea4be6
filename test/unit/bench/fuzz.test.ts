/** A fortieth of every kind of fuzzing: no violation, and the mutations break some inputs but not all. And the runner itself. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { kinds } from '../../../bench/fuzz/kinds';
import { runCases } from '../../../bench/fuzz/runner';
import { fromSource, root } from '../../support/cli';

const SEED = 7;
const SHARE = 40;

for (const { name, cases, whole = false } of kinds) {
  const count = Math.ceil(cases / SHARE);
  test(`${count} ${whole ? 'random' : 'broken'} ${name} are taken or refused`, () => {
    const command = join(root, 'bench', 'fuzz', 'run.ts');
    const run = spawnSync(
      process.execPath,
      [...fromSource, command, name, '--seed', `${SEED}`, '--count', `${count}`],
      { encoding: 'utf8', cwd: root },
    );
    assert.equal(run.status, 0, run.stdout + run.stderr);
    const summary = new RegExp(
      `^${name}, seed ${SEED}: ${count} cases, (\\d+) accepted, .* 0 violations$`,
      'm',
    );
    const accepted = Number(summary.exec(run.stdout)?.[1]);
    const [least, most] = whole ? [0.9 * count, count] : [1, count / 2];
    assert.ok(accepted >= least && accepted <= most, `${accepted} of ${count} are accepted`);
  });
}

test('a crash, a hang, memory, a bug and a wrong result are each counted, and the cases around them run', async () => {
  const { cases, outcomes, violations } = await runCases({ kind: 'self-test', seed: 1, first: 0, end: 8 });
  assert.equal(cases, 8);
  assert.equal(outcomes.get('fine'), 4, 'the slow case and three good ones');
  const expected = [
    /^case 1 ended the process with SIGABRT/,
    /^case 2 \(nothing\): 2\.\d s of CPU time/,
    /^case 3 \(nothing\): 5\d\d MiB above idle/,
    /^case 4 \(nothing\): TypeError: no entry 2\.5/,
    /^case 5 \(nothing\): a wrong number$/,
  ];
  assert.equal(violations.length, expected.length, violations.join('\n'));
  expected.forEach((pattern, i) => assert.match(violations[i] ?? '', pattern));
});
