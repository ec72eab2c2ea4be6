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
  /** Where nothing says the count. */
  readonly fix: string;
}

/** Kubernetes sets no variable with the number of completions: the job's manifest has to. Slurm and AWS Batch do. */
const SCHEDULERS: readonly Scheduler[] = [
  {
    name: 'Slurm',
    index: 'SLURM_ARRAY_TASK_ID',
    counts: ['SLURM_ARRAY_TASK_COUNT'],
    first: 'SLURM_ARRAY_TASK_MIN',
    fix: 'Submit the job as a Slurm job array, or name the shard yourself, such as --shard 1/4.',
  },
  {
    name: 'a Kubernetes Indexed Job',
    index: 'JOB_COMPLETION_INDEX',
    counts: ['JOB_COMPLETIONS', 'SHARD_COUNT'],
    first: 0,
    fix: "Set JOB_COMPLETIONS to the number of completions in the job's environment.",
  },
  {
    name: 'AWS Batch',
    index: 'AWS_BATCH_JOB_ARRAY_INDEX',
    counts: ['AWS_BATCH_JOB_ARRAY_SIZE', 'SHARD_COUNT'],
    first: 0,
    fix: "Set SHARD_COUNT to the size of the array in the job's environment; names that begin with AWS_BATCH_ are not yours to set.",
  },
];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The shard that the scheduler of this process assigns.
 * @throws LensError of kind `usage` where none does, several assign different ones, or one says the index without the count
 */
export function shardOfScheduler(environment: Environment): Shard {
  const [found, ...others] = SCHEDULERS.filter(({ index }) => environment[index] !== undefined);
  if (found === undefined) {
    throw new LensError(
      'usage',
      `--shard auto expects a scheduler's variable (${SCHEDULERS.map(({ index }) => index).join(', ')}), found none.`,
      { fix: 'Name the shard yourself, such as --shard 1/4.' },
    );
  }
  const shard = shardOf(found, environment);
  const other = others.find((each) => {
    const { index, count } = shardOf(each, environment);
    return index !== shard.index || count !== shard.count;
  });
  if (other === undefined) return shard;
  // A job within a job of another scheduler has the variables of both: which of them divides the set is not known.
  throw new LensError(
    'usage',
    `${found.name} sets ${found.index} and ${other.name} sets ${other.index}, and they assign different shards.`,
    {
      fix: `Name the shard yourself, such as --shard ${shard.index}/${shard.count}, or unset one of the two.`,
    },
  );
}

function shardOf(found: Scheduler, environment: Environment): Shard {
  const counted = found.counts.find((name) => environment[name] !== undefined);
  if (counted === undefined) {
    throw new LensError(
      'usage',
      `${found.name} sets ${found.index}, but nothing says how many there are: expected ${found.counts.join(' or ')}.`,
      { fix: found.fix },
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
  // A task that is submitted again alone is an array of one, and would evaluate the whole set.
  if (count === 1 && first > 1)
    throw new LensError(
      'usage',
      `${found.index} is ${first}, and ${counted} says that it is the only task.`,
      {
        fix: `For a task of an earlier array name its shard with that array's number of tasks, such as --shard ${first}/100.`,
      },
    );
  if (index >= 1 && index <= count) return { index, count };
  throw new LensError(
    'usage',
    `${found.index} is ${environment[found.index] ?? ''}, the first task is ${first}, and ${counted} is ${count}: expected tasks that follow each other by one.`,
    { fix: 'Number the array without gaps, beginning with 0 or 1, or name the shard with --shard i/n.' },
  );
}
