/** The part of a set that `--shard auto` finds in the environment, as schedulers set it, several of them at once, and wrongly. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shardOfScheduler } from '../../../server/src/cli/shard-option';
import { LensError } from '../../../server/src/errors';

const slurm = (id: string, count: string, min?: string) => ({
  ...{ SLURM_ARRAY_TASK_ID: id, SLURM_ARRAY_TASK_COUNT: count },
  ...(min === undefined ? {} : { SLURM_ARRAY_TASK_MIN: min }),
});
const kubernetes = (index: string, count: string) => ({
  ...{ JOB_COMPLETION_INDEX: index, JOB_COMPLETIONS: count },
});
const batch = (index: string, count: string) => ({
  ...{ AWS_BATCH_JOB_ARRAY_INDEX: index, AWS_BATCH_JOB_ARRAY_SIZE: count },
});

const FOUND = [
  [slurm('0', '4', '0'), 1, 4],
  [slurm('4', '4', '1'), 4, 4],
  [slurm('1', '1', '1'), 1, 1],
  [kubernetes('2', '3'), 3, 3],
  [{ JOB_COMPLETION_INDEX: '0', SHARD_COUNT: '5' }, 1, 5],
  [batch('9', '10'), 10, 10],
  [{ ...slurm('2', '3', '1'), ...kubernetes('1', '3') }, 2, 3],
] as const;

for (const [environment, index, count] of FOUND)
  test(`${JSON.stringify(environment)} is ${index}/${count}`, () =>
    assert.deepEqual(shardOfScheduler(environment), { index, count }));

const REFUSED: readonly (readonly [Record<string, string>, RegExp, RegExp])[] = [
  [{}, /found none/, /--shard 1\/4/],
  [{ JOB_COMPLETION_INDEX: '1' }, /expected JOB_COMPLETIONS or SHARD_COUNT/, /JOB_COMPLETIONS/],
  [{ AWS_BATCH_JOB_ARRAY_INDEX: '1' }, /nothing says how many/, /SHARD_COUNT.*not yours to set/],
  [{ SLURM_ARRAY_TASK_ID: '', SLURM_ARRAY_TASK_COUNT: '2' }, /expected a whole number, found ""/, /--shard/],
  [slurm('4', '3', '0'), /follow each other by one/, /without gaps/],
  [slurm('17', '1', '17'), /SLURM_ARRAY_TASK_ID is 17, .* the only task/, /--shard 17\/100/],
  [
    { ...slurm('2', '3', '1'), ...kubernetes('0', '3') },
    /Slurm sets .* Kubernetes .* different/,
    /--shard 2\/3/,
  ],
  [{ ...kubernetes('0', '3'), ...batch('0', '4') }, /Kubernetes .* AWS Batch .* different/, /--shard 1\/3/],
];

for (const [environment, message, fix] of REFUSED)
  test(`${JSON.stringify(environment)} is refused`, () =>
    assert.throws(
      () => shardOfScheduler(environment),
      (thrown) =>
        thrown instanceof LensError &&
        thrown.kind === 'usage' &&
        message.test(thrown.message) &&
        fix.test(thrown.fix ?? ''),
    ));
