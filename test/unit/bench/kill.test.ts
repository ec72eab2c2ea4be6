/** A twentieth of `npm run kill`, so that a loss is noticed in CI. */
import { test } from 'node:test';
import { kinds } from '../../../bench/kill/kinds';
import { killAll } from '../../../bench/kill/run';

for (const kind of kinds)
  test(`${kind.name}: what is killed at random moments loses nothing`, async (t) => {
    const { killed } = await killAll(kind, 2, Math.round(kind.kills / 20));
    t.diagnostic(`${killed} killed`);
  });
