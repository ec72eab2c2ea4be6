/** Progress of a batch of images: the share done, images per second, and the remaining time. */

/** A pace measured over less time than this means nothing, such as that of two unreadable files. */
const TELLING_MS = 500;

export class BatchProgress {
  /** Of the images under way, by position: how much of each is done, 0..1. */
  private readonly underWay = new Map<number, number>();
  private done = 0;
  private firstDoneAt = NaN;
  private lastDoneAt = NaN;
  private readonly startedAt: number;

  /** @param clock in milliseconds, from any origin */
  constructor(
    private readonly total: number,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.startedAt = clock();
  }

  /** @param share 0..1 of this image */
  running(index: number, share: number): void {
    this.underWay.set(index, share);
  }

  /** With a report or without. */
  finished(index: number): void {
    this.underWay.delete(index);
    this.done += 1;
    this.lastDoneAt = this.clock();
    if (this.done === 1) this.firstDoneAt = this.lastDoneAt;
  }

  /** 0..1 over all images; never falls. */
  get share(): number {
    let sum = this.done;
    for (const share of this.underWay.values()) sum += share;
    return Math.min(sum / this.total, 1);
  }

  get seconds(): number {
    return (this.clock() - this.startedAt) / 1000;
  }

  /**
   * `3 of 20, 1.40 images/s, 12 s left`: the pace is measured from the first finished image on, since
   * networks are loaded before.
   */
  describe(): string {
    const position = `${this.done} of ${this.total}`;
    const since = this.lastDoneAt - this.firstDoneAt;
    if (!(since >= TELLING_MS)) return position;
    const pace = ((this.done - 1) * 1000) / since;
    const left = this.total - this.done;
    const rest = left === 0 ? '' : `, ${duration(left / pace)} left`;
    return `${position}, ${imagesPerSecond(pace)}${rest}`;
  }
}

/** Three digits. */
export const imagesPerSecond = (pace: number): string =>
  `${pace >= 100 ? pace.toFixed(0) : pace.toPrecision(3)} images/s`;

/** `0.8 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
