/** BullMQ's part: who holds a job, for how long, and what happens when it fails. */
import type { Job, Queue, Worker } from 'bullmq';
import { answered } from './answered';
import type { Task } from './plan';
import { PREFIX, type QueueStore } from './store';

/** How often a job that fails is tried, with 1, 2, 4 and 8 seconds between. */
export const TRIES = 5;
const FIRST_DELAY_MS = 1000;

/** A worker that is silent for this long has died: another takes its job. */
export const LOCK_SECONDS = 30;

export interface JobData {
  readonly job: number;
}

const jobName = 'pictures';
const idOf = (job: number): string => `job-${job}`;

const shared = ({ redis }: QueueStore) => ({
  connection: redis,
  prefix: PREFIX,
  skipVersionCheck: true, // connect.ts has looked
});

export async function openQueue(store: QueueStore): Promise<Queue<JobData>> {
  const library = await import('./library');
  const queue = new library.Queue<JobData>(store.address.name, { ...shared(store), skipMetasUpdate: true });
  queue.on('error', () => undefined); // calls reject themselves
  return queue;
}

/**
 * Stores the pictures first, so that no worker takes a job without them. Existing jobs are not touched.
 * @throws LensError if the queue is no longer this evaluation's
 */
export async function putJobs(
  store: QueueStore,
  queue: Queue<JobData>,
  token: string,
  jobs: readonly number[],
  tasksOf: (job: number) => readonly Task[],
): Promise<void> {
  await store.putTasks(
    token,
    jobs.map((job) => ({ job, tasks: tasksOf(job) })),
  );
  const added = jobs.map((job) => ({
    name: jobName,
    data: { job },
    opts: {
      jobId: idOf(job),
      attempts: TRIES,
      backoff: { type: 'exponential', delay: FIRST_DELAY_MS },
      removeOnComplete: true,
      stackTraceLimit: 0,
    },
  }));
  await answered(() => queue.addBulk(added));
}

export interface Failed {
  readonly count: number;
  /** Of one of them. */
  readonly reason: string;
}

/** Jobs that have used up their attempts. */
export async function failedJobs(queue: Queue<JobData>): Promise<Failed> {
  const count = await queue.getFailedCount();
  const [first] = count === 0 ? [] : await queue.getFailed(0, 0);
  return { count, reason: first?.failedReason ?? '' };
}

export interface WorkerHooks {
  /** One job. @param careful it has crashed workers before; @param requeue puts it back into the queue and throws */
  readonly work: (job: number, careful: boolean, requeue: () => Promise<never>) => Promise<void>;
  readonly failed: (error: Error) => void;
}

/** Crashes after which a job is done with care. */
const CAREFUL_FROM = 2;

/** Takes one job after another, and renews its lock while the engine computes, which it does on threads of its own. */
export async function openWorker(
  store: QueueStore,
  lockSeconds: number,
  { work, failed }: WorkerHooks,
): Promise<Worker<JobData>> {
  const library = await import('./library');
  const run = (job: Job<JobData>, token: string | undefined): Promise<void> =>
    work(job.data.job, job.stalledCounter >= CAREFUL_FROM, async () => {
      await job.moveToWait(token);
      throw new library.WaitingError();
    });
  const worker = new library.Worker<JobData>(store.address.name, run, {
    ...shared(store),
    concurrency: 1,
    lockDuration: lockSeconds * 1000,
    stalledInterval: (lockSeconds * 1000) / 2,
    maxStalledCount: Number.MAX_SAFE_INTEGER, // pictures are set aside, not jobs (work.ts)
    drainDelay: 1,
    removeOnComplete: { count: 0 },
  });
  worker.on('error', () => undefined); // lost servers are waited for (connect.ts), and a lost lock means that another worker has the job
  worker.on('failed', (_, error) => failed(error));
  return worker;
}
