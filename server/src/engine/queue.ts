/** One piece of work at a time, first come first served; asking twice for the same work does it once. */

export interface QueueEntry<Work> {
  /** Equal keys are the same work. */
  readonly key: string;
  readonly work: Work;
  /** Jobs that wait for the result; empty when all were cancelled. */
  readonly waiting: Set<string>;
}

export class JobQueue<Work> {
  private readonly waitingEntries: QueueEntry<Work>[] = [];
  private running: QueueEntry<Work> | null = null;

  /** Joins work that is already queued or running under the same key, else queues it. */
  add(job: string, key: string, work: Work): { readonly entry: QueueEntry<Work>; readonly merged: boolean } {
    const same = [...(this.running === null ? [] : [this.running]), ...this.waitingEntries].find(
      (entry) => entry.key === key && entry.waiting.size > 0,
    );
    if (same !== undefined) {
      same.waiting.add(job);
      return { entry: same, merged: true };
    }
    const entry: QueueEntry<Work> = { key, work, waiting: new Set([job]) };
    this.waitingEntries.push(entry);
    return { entry, merged: false };
  }

  /** The next entry, now running; null while one runs or when nothing waits. */
  start(): QueueEntry<Work> | null {
    if (this.running !== null) return null;
    this.running = this.waitingEntries.shift() ?? null;
    return this.running;
  }

  get current(): QueueEntry<Work> | null {
    return this.running;
  }

  /** Ends the running entry. */
  finish(): void {
    this.running = null;
  }

  /**
   * Removes one waiter. Returns `stop` when it was the last one for running work, `dropped` when queued work
   * is gone with it, `left` when others still wait, `unknown` for a job that is not here.
   */
  remove(job: string): 'stop' | 'dropped' | 'left' | 'unknown' {
    if (this.running?.waiting.delete(job) === true) return this.running.waiting.size === 0 ? 'stop' : 'left';
    const index = this.waitingEntries.findIndex((entry) => entry.waiting.has(job));
    const entry = this.waitingEntries[index];
    if (entry === undefined) return 'unknown';
    entry.waiting.delete(job);
    if (entry.waiting.size > 0) return 'left';
    this.waitingEntries.splice(index, 1);
    return 'dropped';
  }

  /** Empties the queue, returning everything that waited or ran. */
  drain(): readonly QueueEntry<Work>[] {
    const all = [...(this.running === null ? [] : [this.running]), ...this.waitingEntries];
    this.running = null;
    this.waitingEntries.length = 0;
    return all;
  }

  get length(): number {
    return this.waitingEntries.length + (this.running === null ? 0 : 1);
  }
}
