/** Notices that an engine with work has fallen silent: stopped, swapped out, or stuck in a loop of ours. */

/** Milliseconds between two signs of life that a working engine gives. */
export const HEARTBEAT_MS = 5000;

/** Beats in a row that may be missed: with the interval above, 20 seconds. */
const MISSED_BEATS = 4;

/**
 * Counts intervals without a sign of life rather than comparing clocks: while the machine sleeps neither side
 * runs, and waking up counts as one interval, not an hour.
 */
export class Heartbeat {
  private timer: NodeJS.Timeout | null = null;
  private missed = 0;

  /**
   * @param silent called once when the engine has been silent for too long; called again only after it has
   * been heard
   * @param intervalMs of the engine's signs of life
   */
  constructor(
    private readonly silent: (seconds: number) => void,
    private readonly intervalMs = HEARTBEAT_MS,
  ) {}

  /** The engine has been given work. */
  start(): void {
    this.stop();
    this.missed = 0;
    this.timer = setInterval(() => this.miss(), this.intervalMs);
    this.timer.unref();
  }

  /** The engine was heard, whatever it said. */
  beat(): void {
    this.missed = 0;
  }

  /** The engine is idle: no beats are expected. */
  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  private miss(): void {
    this.missed += 1;
    if (this.missed === MISSED_BEATS) this.silent((MISSED_BEATS * this.intervalMs) / 1000);
  }
}
