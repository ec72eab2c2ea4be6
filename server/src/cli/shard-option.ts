/** `--shard`: the part of a set that this machine evaluates, as it was typed or as a scheduler says. */
import { LensError } from '../errors';
import type { Shard } from '../evaluation/shard';

/** More machines than rows make no sense, and no scheduler has more tasks. */
const MOST_SHARDS = 1_000_000;

/** @throws LensError of kind `usage` */
export function parseShard(text: string): Shard {
  const [, index, count] = /^(\d{1,7})\/(\d{1,7})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (shard.index >= 1 && shard.index <= shard.count && shard.count <= MOST_SHARDS) return shard;
  throw new LensError('usage', `--shard expects i/n with 1 <= i <= n, or auto; found "${text}".`, {
    fix: 'For example --shard 1/4 on the first of four machines.',
  });
}

interface Scheduler {
  readonly name: string;
  readonly index: string;
  /** Variables that may hold the count; the first that is set is used. */
  readonly counts: readonly string[];
  /** Of the first task; a variable, or a number. */
  readonly first: string | 0;
}

/** Kubernetes sets no variable with the number of completions: the job's manifest has to. AWS Batch neither. */
const SCHEDULERS: readonly Scheduler[] = [
  {
    name: 'Slurm',
    index: 'SLURM_ARRAY_TASK_ID',
    counts: ['SLURM_ARRAY_TASK_COUNT'],
    first: 'SLURM_ARRAY_TASK_MIN',
  },
  {
    name: 'a Kubernetes Indexed Job',
    index: 'JOB_COMPLETION_INDEX',
    counts: ['JOB_COMPLETIONS', 'SHARD_COUNT'],
    first: 0,
  },
  {
    name: 'AWS Batch',
    index: 'AWS_BATCH_JOB_ARRAY_INDEX',
    counts: ['AWS_BATCH_JOB_ARRAY_SIZE', 'SHARD_COUNT'],
    first: 0,
  },
];

/**
 * The shard that the scheduler of this process assigns.
 * @throws LensError of kind `usage` where none does, or one says the index without the count
 */
export function shardOfScheduler(environment: Readonly<Record<string, string | undefined>>): Shard {
  const found = SCHEDULERS.find(({ index }) => environment[index] !== undefined);
  if (found === undefined) {
    throw new LensError(
      'usage',
      `--shard auto expects a scheduler's variable (${SCHEDULERS.map(({ index }) => index).join(', ')}), found none.`,
      { fix: 'Name the shard yourself, such as --shard 1/4.' },
    );
  }
  const counted = found.counts.find((name) => environment[name] !== undefined);
  if (counted === undefined) {
    throw new LensError(
      'usage',
      `${found.name} sets ${found.index}, but nothing says how many there are: expected ${found.counts.join(' or ')}.`,
      { fix: `Set ${found.counts.at(-1) ?? ''} to the number of tasks in the job's environment.` },
    );
  }
  const numberIn = (name: string, otherwise?: number): number => {
    const text = environment[name];
    if (text === undefined && otherwise !== undefined) return otherwise;
    if (text !== undefined && /^\d{1,9}$/.test(text)) return Number(text);
    throw new LensError('usage', `${name}: expected a whole number, found "${text ?? ''}".`, {
      fix: 'Name the shard yourself, such as --shard 1/4.',
    });
  };
  const first = found.first === 0 ? 0 : numberIn(found.first, 0);
  const index = numberIn(found.index) - first + 1;
  const count = numberIn(counted);
  if (index >= 1 && index <= count) return { index, count };
  throw new LensError(
    'usage',
    `${found.index} is ${environment[found.index] ?? ''}, the first task is ${first}, and ${counted} is ${count}: expected tasks that follow each other by one.`,
    { fix: 'Number the array without gaps, beginning with 0 or 1, or name the shard with --shard i/n.' },
  );
}
