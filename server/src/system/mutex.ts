/** A mutex, or semaphore, first come first served; a caller that is cancelled while waiting leaves the queue. */
import { cancelled, throwIfAborted } from '../errors';

export class Mutex {
  private readonly waiting: (() => void)[] = [];
  private taken = 0;

  /** @param places how many may work at the same time */
  constructor(private readonly places = 1) {}

  /**
   * Acquires, runs `work`, and releases, also after a failure.
   * @throws LensError 'cancelled' if the signal is aborted before the turn comes; later it is up to `work`
   */
  async pass<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    throwIfAborted(signal);
    if (this.taken < this.places) this.taken += 1;
    else await this.turn(signal);
    try {
      return await work();
    } finally {
      // Passed on rather than released, so that nobody who arrives now overtakes those who wait.
      const next = this.waiting.shift();
      if (next === undefined) this.taken -= 1;
      else next();
    }
  }

  private turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        reject(cancelled(signal?.reason));
      };
      this.waiting.push(enter);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }
}
