/**
 * What is likely to be requested next, computed while nothing is requested. A run of the network cannot be stopped, so that a request that
 * comes during one waits for its end: hence the pause before it, and the limit of how long it may take.
 */

/** Milliseconds without a request after which it begins: somebody who goes from picture to picture is not to wait for it. */
const PAUSE = 2000;

/** Longest run, in milliseconds, that is repeated ahead. */
const MOST = 1500;

export class Ahead {
  private offered: (() => Promise<void>) | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly pause = PAUSE) {}

  /** Takes the place of what was offered before. @param took milliseconds of a run like it */
  offer(took: number, compute: () => Promise<void>): void {
    this.offered = took <= MOST ? compute : null;
  }

  /** It depends on what is no longer there. */
  drop(): void {
    this.offered = null;
  }

  /** Something is requested: if it has not begun, it waits. */
  wake(): void {
    clearTimeout(this.timer);
  }

  /** Everything that was requested is done. */
  rest(): void {
    clearTimeout(this.timer);
    if (this.offered === null) return;
    const begin = (): void => {
      const { offered } = this;
      this.offered = null;
      // A request for it says what is wrong.
      void offered?.().catch(() => undefined);
    };
    this.timer = setTimeout(begin, this.pause).unref();
  }
}
