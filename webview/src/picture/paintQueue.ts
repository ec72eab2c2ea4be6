/** Small pictures are painted a few at a time between frames, so that scrolling never waits for them; what has left the page is not painted. */

/** Milliseconds of a frame that painting may take; one picture is painted however long it takes. */
const BUDGET = 6;

export class PaintQueue {
  private readonly jobs = new Set<() => void>();
  private asked = false;

  /** @param nextFrame runs what it is given before the next frame; @param clock in milliseconds */
  constructor(
    private readonly nextFrame: (run: () => void) => void,
    private readonly clock: () => number,
  ) {}

  /** In the order in which they come. @returns what to call when it need not be painted any more */
  add(job: () => void): () => void {
    this.jobs.add(job);
    this.ask();
    return () => {
      this.jobs.delete(job);
    };
  }

  private ask(): void {
    if (this.asked || this.jobs.size === 0) return;
    this.asked = true;
    this.nextFrame(() => {
      this.asked = false;
      this.paint();
    });
  }

  private paint(): void {
    const end = this.clock() + BUDGET;
    try {
      for (const job of this.jobs) {
        this.jobs.delete(job);
        job();
        if (this.clock() >= end) break;
      }
    } finally {
      this.ask(); // also after a job that threw
    }
  }
}
