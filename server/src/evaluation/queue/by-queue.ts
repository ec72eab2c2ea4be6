/** Evaluates a set by the workers of a queue: fills the queue, collects rows, and writes them as one machine would. */
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import { cancelled, LensError, throwIfAborted } from '../../errors';
import { outputError } from '../../report/output-error';
import { projectVersion } from '../../system/paths';
import { isAddress } from '../fetch-picture';
import { FILES } from '../place';
import type { Filling } from '../run';
import { startOf } from '../run';
import { placeOf } from '../run-file';
import { writeTable } from '../write-table';
import type { QueueAddress } from './address';
import { shown } from './address';
import { Collected } from './collect';
import { connect, queueError } from './connect';
import type { JobData } from './jobs';
import { witnessOf } from './sight';
import { queueGone } from './gone';
import { failedJobs, openQueue, putJobs, TRIES } from './jobs';
import { FORMAT, rangeOfJob, type Plan, type Task, type Witness } from './plan';
import type { Workers } from './store';
import { QueueStore } from './store';

export interface QueueRequest {
  readonly address: QueueAddress;
  /** Pictures in a job; null for 16 to 1,000, aiming at a thousand jobs. */
  readonly jobSize: number | null;
}

export interface QueueHooks {
  /** Reports pictures whose rows have been collected. */
  readonly moved: (pictures: number, total: number, workers: Workers) => void;
  /** No worker is active, or none any more. */
  readonly alone: () => void;
}

/** Folder of collected rows, within that of the unfinished evaluation. */
const FOLDER = 'queue';
/** File that identifies the queue's evaluation. */
const TICKET = 'queue.json';

const CHUNK = 500;
const POLL_MS = 250;
const LOOK_MS = 10_000;
const WITNESSES = 8;

interface Run {
  readonly filling: Filling;
  readonly store: QueueStore;
  readonly queue: Queue<JobData>;
  readonly plan: Plan;
  readonly collected: Collected;
  readonly hooks: QueueHooks;
}

/** For `evaluate`'s `compute`. */
export const byQueue =
  ({ address, jobSize }: QueueRequest, hooks: QueueHooks) =>
  async (filling: Filling): Promise<void> => {
    const { place, part, subject, request, observe, set } = filling;
    const { signal, note } = filling.hooks;
    const connection = await connect(address, (isLost) =>
      note?.(
        isLost
          ? `${shown(address)} cannot be reached: waiting for it.`
          : `${shown(address)} can be reached again.`,
      ),
    );
    try {
      subject.done(); // workers compute
      await place.begin(request.replace);
      const plan = await planOf(filling, jobSize);
      const collected = await Collected.open(join(place.partial, FOLDER), plan);
      const store = new QueueStore(connection.redis, address);
      const queue = await openQueue(store);
      filling.hooks.begin?.(part.head.set.count, collected.pictures, part.head);
      const run: Run = { filling, store, queue, plan, collected, hooks };
      await takePlace(run);
      await fill(run);
      await collect(run);
      const rows = join(place.partial, FOLDER, FILES.rows);
      await collected.join(rows);
      await writeTable(place, part, rows, placeOf(set, request.options), observe(part), signal);
      await clear(run);
    } catch (thrown) {
      if (signal?.aborted === true) throw cancelled(thrown);
      const error = queueError(address, thrown);
      throw isFileError(error) ? outputError(place.partial, error) : error;
    } finally {
      connection.close();
    }
  };

const isFileError = (thrown: unknown): boolean =>
  thrown instanceof Error && 'syscall' in thrown && 'path' in thrown;

async function planOf({ place, part, request, set }: Filling, wanted: number | null): Promise<Plan> {
  const { head } = part;
  const path = join(place.partial, TICKET);
  const there = await readFile(path, 'utf8').then(
    (text) => JSON.parse(text) as { readonly token: string; readonly jobSize: number },
    () => null,
  );
  const usual = Math.min(1000, Math.max(16, Math.ceil(head.set.count / 1000)));
  const ticket = there ?? { token: randomUUID(), jobSize: wanted ?? usual };
  if (there === null) await writeFile(path, `${JSON.stringify(ticket)}\n`);
  const { attentionBox, attentionMask, allowHuge } = request;
  const jobs = Math.ceil(head.set.count / ticket.jobSize);
  return {
    ...{ format: FORMAT, software: projectVersion(), ...ticket, head, jobs },
    ...{ options: request.options, root: set.root, attentionBox, attentionMask, allowHuge },
    witnesses: await witnessesOf(set),
  };
}

async function witnessesOf({ entries }: Filling['set']): Promise<readonly Witness[]> {
  const step = Math.max(1, Math.floor(entries.length / WITNESSES));
  const found: Witness[] = [];
  for (let at = 0; at < entries.length && found.length < WITNESSES; at += step) {
    const { path, file } = entries[at] as { path: string; file: string };
    const witness = await witnessOf(file);
    if (witness !== null) found.push({ path, ...witness });
  }
  return found;
}

/** @throws LensError of kind `usage` if the queue holds another evaluation */
async function takePlace({ filling, store, queue, plan }: Run): Promise<void> {
  const token = await store.token();
  if (token === plan.token) {
    await queue.retryJobs({ state: 'failed' });
    return;
  }
  if (token !== null && !filling.request.replace && !(await isOver(store))) {
    throw new LensError(
      'usage',
      `${shown(store.address)}: the queue "${store.address.name}" holds another evaluation.`,
      { remedies: ['other-queue', 'replace-evaluation'] },
    );
  }
  await queue.obliterate({ force: true });
  if (token !== null) await store.clear(token);
}

/** Whether all its rows were computed and collected, but its process ended before it could clean up. */
async function isOver(store: QueueStore): Promise<boolean> {
  const plan = await store.plan().catch(() => null);
  return plan !== null && (await store.countDone()) >= plan.jobs && (await store.countWaiting()) === 0;
}

/** Adds every job whose rows are neither collected nor in Redis. */
async function fill({ filling, store, queue, plan, collected }: Run): Promise<void> {
  const { set, indexOf, hooks } = filling;
  await store.putPlan(plan);
  const [isDone, waiting] = [await store.done(), new Set(await store.waiting())];
  const missing: number[] = [];
  for (let job = 0; job < plan.jobs; job++) {
    if (collected.has(job) || (isDone(job) && waiting.has(job))) continue;
    if (isDone(job)) await store.undo(job); // its rows are lost
    missing.push(job);
  }
  const tasksOf = (job: number): readonly Task[] => {
    const { from, to } = rangeOfJob(plan, job);
    return set.entries.slice(from, to).map((entry, offset): Task => {
      const { path, label, labelIndex } = startOf(entry, from + offset, indexOf);
      return isAddress(entry.file) ? [path, label, labelIndex, entry.file] : [path, label, labelIndex];
    });
  };
  for (let at = 0; at < missing.length; at += CHUNK) {
    throwIfAborted(hooks.signal);
    await putJobs(store, queue, plan.token, missing.slice(at, at + CHUNK), tasksOf);
  }
}

/** @throws LensError if jobs have failed for good, or Redis has lost the queue */
async function collect(run: Run): Promise<void> {
  const { filling, store, plan, collected, hooks } = run;
  const {
    hooks: { signal, row },
    set: { entries },
  } = filling;
  const pathOf = (index: number): string | undefined => entries[index]?.path;
  let lookedAt = performance.now();
  while (collected.jobs < plan.jobs) {
    throwIfAborted(signal);
    const waiting = await store.waiting();
    for (const job of waiting) {
      throwIfAborted(signal);
      const lines = await store.rows(job);
      if (lines === null) continue;
      for (const each of await collected.keep(job, lines, pathOf)) row?.(each, true);
      await store.collected(job);
    }
    hooks.moved(collected.pictures, plan.head.set.count, await store.workers());
    if (waiting.length > 0) lookedAt = performance.now();
    else if (performance.now() - lookedAt > LOOK_MS) {
      await whyNothingComes(run);
      lookedAt = performance.now();
    }
    if (waiting.length === 0) await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal });
  }
}

async function whyNothingComes(run: Run): Promise<void> {
  const { store, queue, plan, collected, hooks } = run;
  if ((await store.token()) !== plan.token) throw queueGone(store.address);
  const { waiting = 0, active = 0, delayed = 0, prioritized = 0 } = await queue.getJobCounts();
  if (waiting + active + delayed + prioritized > 0) {
    if ((await store.workers()).count === 0) hooks.alone();
    return;
  }
  const { count, reason } = await failedJobs(queue);
  if (count > 0) {
    throw new LensError(
      'output',
      `${count} of ${plan.jobs} jobs failed ${TRIES} times each, ${collected.jobs} are done. One of the errors: ${reason}`,
      {
        fix: 'The workers print the errors. Results so far are kept, and the same command tries the failed jobs again.',
      },
    );
  }
  if ((await store.countWaiting()) === 0) await fill(run); // what the server forgot in a crash
}

async function clear({ store, queue, plan }: Run): Promise<void> {
  if ((await store.token()) !== plan.token) return; // another evaluation has taken its place meanwhile
  await queue.obliterate({ force: true });
  await store.clear(plan.token);
}
