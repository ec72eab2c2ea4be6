/** A worker: takes jobs of a queue, one after another, and evaluates their pictures, until the evaluation is over. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { asLensError, cancelled, LensError } from '../../errors';
import type { Workbench } from '../../pipeline/workbench/workbench';
import type { QueueAddress } from './address';
import { shown } from './address';
import { connect, queueError } from './connect';
import { evaluateJob } from './evaluate-job';
import { LOCK_SECONDS, openWorker } from './jobs';
import type { Plan } from './plan';
import { openLooking, type OwnWays } from './same';
import { QueueStore } from './store';

export interface WorkRequest extends OwnWays {
  readonly address: QueueAddress;
  /** Null for the default. */
  readonly lockSeconds: number | null;
  /** Waits for evaluations, one after another, until it is stopped. */
  readonly stay: boolean;
}

export interface WorkHooks {
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  /** A job is done. */
  readonly done: (pictures: number) => void;
}

const POLL_MS = 1000;
const BEAT_MS = 3000;
/** Consecutive failures after which this machine gives up. */
const MOST_FAILURES = 3;
const CLOSE_MS = 5000;

/** @throws LensError if this machine cannot do the queue's work */
export async function work(request: WorkRequest, bench: Workbench, hooks: WorkHooks): Promise<void> {
  const { address, stay } = request;
  const { signal, note } = hooks;
  const connection = await connect(address, (isLost) =>
    note(
      isLost
        ? `${shown(address)} cannot be reached: waiting for it.`
        : `${shown(address)} can be reached again.`,
    ),
  );
  const store = new QueueStore(connection.redis, address);
  try {
    for (let announced = false; ;) {
      if (signal.aborted) throw cancelled(signal.reason);
      const plan = await store.plan();
      const isOpen = plan !== null && (await store.countDone()) < plan.jobs;
      if (isOpen) {
        await workOn(plan, request, store, bench, hooks);
        announced = false;
      } else if (!stay && plan === null && !(await store.isOver())) throw nothingThere(address);
      if (!stay) return;
      if (!announced && !isOpen) note('Waiting for an evaluation.');
      announced = true;
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  } catch (thrown) {
    throw signal.aborted ? cancelled(thrown) : queueError(address, thrown);
  } finally {
    connection.close();
  }
}

const nothingThere = (address: QueueAddress): LensError =>
  new LensError(
    'usage',
    `${shown(address)}: expected an evaluation in the queue "${address.name}", found none.`,
    {
      remedies: ['fill-queue'],
    },
  );

/** Returns when all jobs are done, or the evaluation was removed. */
async function workOn(
  plan: Plan,
  request: WorkRequest,
  store: QueueStore,
  bench: Workbench,
  hooks: WorkHooks,
): Promise<void> {
  const { signal, note } = hooks;
  const stop = new AbortController(); // cancels the pictures in progress
  const both = AbortSignal.any([stop.signal, signal]);
  const looking = await openLooking(plan, request, bench, both, note);
  const name = randomUUID();
  let [finished, failures, isBusy] = [0, 0, false];
  const hopeless: LensError[] = [];
  const beat = (): void => void store.beat(name, finished).catch(() => undefined);
  const worker = await openWorker(store, request.lockSeconds ?? LOCK_SECONDS, {
    work: async (job, careful, requeue) => {
      try {
        isBusy = true;
        const pictures = await evaluateJob(
          { job, careful, plan, store, looking, signal: both },
          () => (finished += 1),
        );
        failures = 0;
        hooks.done(pictures);
      } catch (thrown) {
        const error = asLensError(queueError(store.address, thrown));
        failures += 1;
        if (error.kind === 'usage' || error.kind === 'model' || failures >= MOST_FAILURES)
          hopeless.push(error);
        if (hopeless.length > 0 || both.aborted) await requeue();
        throw error;
      } finally {
        isBusy = false;
        finished = 0;
      }
    },
    failed: (error) => {
      if (error.name !== 'WaitingError' && hopeless.length === 0) note(`A job failed: ${error.message}`);
    },
  });
  const beating = setInterval(beat, BEAT_MS);
  beat();
  try {
    await untilOver(plan, store, () => hopeless[0] ?? (signal.aborted ? cancelled(signal.reason) : null));
  } finally {
    clearInterval(beating);
    stop.abort();
    const until = performance.now() + CLOSE_MS;
    while (isBusy && performance.now() < until) await sleep(20);
    await Promise.race([worker.close(true), sleep(POLL_MS)]); // otherwise it would wait for the next job
    await Promise.race([store.gone(name).catch(() => undefined), sleep(POLL_MS)]);
    looking.subject.done();
  }
}

async function untilOver(plan: Plan, store: QueueStore, why: () => LensError | null): Promise<void> {
  for (;;) {
    const error = why();
    if (error !== null) throw error;
    const token = await store.token();
    if (token !== plan.token || (await store.countDone()) >= plan.jobs) return;
    for (let waited = 0; waited < POLL_MS && why() === null; waited += 100) await sleep(100);
  }
}
