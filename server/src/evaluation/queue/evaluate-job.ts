/** The pictures of one job. A job that has crashed workers before is done with care, so that the picture at fault is found. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfAborted } from '../../errors';
import { inOrder } from '../../system/in-order';
import { isAddress } from '../fetch-picture';
import type { Looking } from '../look';
import { rowFor } from '../look';
import type { Row } from '../row';
import { rowLine } from '../table/journal';
import { failedRow, type RowStart } from '../verdict';
import { rangeOfJob, type Plan, type Task } from './plan';
import { requireSight } from './sight';
import type { QueueStore } from './store';

/** A picture that is fetched has an address. */
type Start = RowStart & { readonly address?: string };

export interface JobAtHand {
  readonly job: number;
  readonly careful: boolean;
  readonly plan: Plan;
  readonly store: QueueStore;
  readonly looking: Looking;
  readonly signal: AbortSignal;
}

/** Workers that may crash on a picture before it is set aside. */
const MOST_DEATHS = 3;

/** Most uncollected results, which take the server's memory. */
const MOST_WAITING = 500;
const POLL_MS = 1000;

/**
 * @param finished called after each picture
 * @returns how many pictures; 0 for a job that is already done
 * @throws LensError if the job cannot be done here
 */
export async function evaluateJob(at: JobAtHand, finished: () => void): Promise<number> {
  const { job, careful, plan, store, looking, signal } = at;
  const tasks = await store.tasks(job);
  if (tasks === null || (await store.isDone(job))) return 0;
  while ((await store.countWaiting()) >= MOST_WAITING) {
    throwIfAborted(signal);
    await sleep(POLL_MS);
  }
  const { from } = rangeOfJob(plan, job);
  const look = ({ address, ...start }: Start): Promise<Row> =>
    rowFor(
      start,
      { path: start.path, file: address ?? join(looking.root, start.path) },
      { ...looking, signal },
    );
  const starts = tasks.map(([path, label, labelIndex, address]: Task, offset): Start => {
    const start = { index: from + offset, path, label, labelIndex };
    return address !== undefined && isAddress(address) ? { ...start, address } : start;
  });
  const rows: Row[] = [];
  const add = (row: Row): void => {
    rows.push(row);
    finished();
  };
  if (careful) for (const start of starts) add(await withCare(start, store, () => look(start), signal));
  else await together(starts, looking.subject.underWay, look, signal, add);
  if (rows.some(({ error }) => error !== null)) await requireSight(looking.root, plan);
  throwIfAborted(signal);
  await store.finish(plan.token, job, rows.map(rowLine).join(''));
  return rows.length;
}

/** As a single machine does it. */
async function together(
  starts: readonly Start[],
  limit: number,
  look: (start: Start) => Promise<Row>,
  signal: AbortSignal,
  add: (row: Row) => void,
): Promise<void> {
  const hopeless = new AbortController();
  const work = (start: Start): Promise<{ readonly row: Row } | { readonly thrown: unknown }> =>
    look(start).then(
      (row) => ({ row }),
      (thrown: unknown) => {
        hopeless.abort();
        return { thrown };
      },
    );
  let failure: { readonly thrown: unknown } | null = null;
  for await (const outcome of inOrder(starts, limit, work, AbortSignal.any([hopeless.signal, signal]))) {
    if ('row' in outcome) add(outcome.row);
    else failure ??= outcome;
  }
  if (failure !== null) throw failure.thrown;
  throwIfAborted(signal);
}

/** One by one, each recorded before it begins: a picture that the next worker finds recorded has crashed this one. */
async function withCare(
  start: Start,
  store: QueueStore,
  look: () => Promise<Row>,
  signal: AbortSignal,
): Promise<Row> {
  throwIfAborted(signal);
  const begun = await store.begin(start.index, randomUUID());
  if (begun > MOST_DEATHS) {
    const error = `${MOST_DEATHS} workers ended while they evaluated this picture, so that it was set aside.`;
    const { index, path, label, labelIndex } = start;
    return failedRow({ index, path, label, labelIndex }, error);
  }
  const row = await look();
  await store.end(start.index);
  return row;
}
