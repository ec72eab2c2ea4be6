/**
 * The options of `inference-lens worker`: which queue, and which paths differ on this machine from those
 * where the queue was filled.
 */
import { resolve } from 'node:path';
import { optionRows, type AnalysisOptions } from '../../../protocol/options';
import { LensError } from '../errors';
import type { WorkRequest } from '../evaluation/queue/work';
import { parseOptions } from './options';
import { specOf, textOf, wholeNumber, type OwnOption } from './own-options';
import { parseAddress } from './queue-option';

export interface WorkerCommand extends WorkRequest {
  readonly quiet: boolean;
}

export const WORKER_OPTIONS = {
  queue: { value: '<url>', help: 'the address that was given to evaluate' },
  'queue-name': { value: '<name>', help: 'the name that was given to evaluate, if any' },
  root: {
    value: '<dir>',
    help: 'where the folder of the pictures is on this machine; default: where evaluate found it',
  },
  'attention-mask': { value: '<dir>', help: 'the same for the masks' },
  lock: {
    value: '<seconds>',
    help: 'a worker that is silent for this long counts as dead, and another takes over its job, 2 to 3600; default: 30',
  },
  stay: { help: 'waits for evaluations, one after another, until it is stopped' },
} as const satisfies Readonly<Record<string, OwnOption>>;

/** Options of an analysis that may differ from machine to machine. */
export const WORKER_ANALYSIS = ['weights', 'lens', 'device', 'threads', 'memory-limit'] as const;

const LEAST_LOCK = 2;
const MOST_LOCK = 3600;

/** @throws LensError of kind `usage` */
export function parseWorker(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): WorkerCommand {
  const { options, values, positionals } = parseOptions(args, specOf(WORKER_OPTIONS));
  const text = (name: keyof typeof WORKER_OPTIONS) => textOf(values, name);
  const queue = text('queue');
  if (queue === null || positionals.length > 0) {
    const found = queue === null ? 'none' : `also ${positionals.join(', ')}`;
    throw new LensError(
      'usage',
      `worker expects the address of a queue, which says what is evaluated; found ${found}.`,
      {
        fix: 'For example: inference-lens worker --queue redis://queue.example:6379',
      },
    );
  }
  const own = new Set<string>([...Object.keys(WORKER_OPTIONS), ...WORKER_ANALYSIS, 'quiet']);
  const [foreign] = Object.keys(values).filter((name) => !own.has(name) && values[name] !== undefined);
  if (foreign !== undefined) {
    throw new LensError('usage', `--${foreign} comes from the queue and is the same for all workers.`, {
      fix: `Pass it to evaluate. A worker takes only --${[...own].join(', --')}.`,
    });
  }
  const lock = text('lock');
  const lockSeconds =
    lock === null ? null : wholeNumber('lock', 'a whole number of seconds', lock, LEAST_LOCK, MOST_LOCK);
  const [root, masks] = [text('root'), text('attention-mask')];
  return {
    address: parseAddress(queue, text('queue-name') ?? undefined, environment),
    options: given(options, values),
    root: root === null ? null : resolve(root),
    masks: masks === null ? null : resolve(masks),
    lockSeconds,
    stay: values['stay'] === true,
    quiet: values['quiet'] === true,
  };
}

/** Those that were typed. */
function given(
  options: AnalysisOptions,
  values: Readonly<Record<string, unknown>>,
): Partial<AnalysisOptions> {
  const names = optionRows.flatMap(({ name, flag }) =>
    flag !== null && WORKER_ANALYSIS.some((each) => each === flag.name) && values[flag.name] !== undefined
      ? [name]
      : [],
  );
  return Object.fromEntries(names.map((name) => [name, options[name]]));
}
