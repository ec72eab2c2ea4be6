/** Jobs between their request and the queue, while settings or a report are read: they can be cancelled too. */
import type { JobId } from '../../../protocol/requests';
import { LensError, cancelled } from '../errors';

export class PreparingJobs {
  private readonly stops = new Map<JobId, () => void>();

  /**
   * What `prepare` gives. The caller must queue the job without waiting for anything else, or a cancellation is lost.
   * @throws LensError `cancelled` as soon as `cancel` is called, whatever `prepare` still waits for
   */
  async run<T>(job: JobId, prepare: () => Promise<T>): Promise<T> {
    if (this.stops.has(job)) throw new LensError('usage', `A job named "${job}" is already running.`);
    const stopped = new Promise<never>((_, reject) => this.stops.set(job, () => reject(cancelled())));
    try {
      return await Promise.race([stopped, prepare()]);
    } finally {
      this.stops.delete(job);
    }
  }

  cancel(job: JobId): void {
    this.stops.get(job)?.();
  }

  cancelAll(): void {
    for (const stop of this.stops.values()) stop();
  }
}
