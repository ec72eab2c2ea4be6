/** Times the steps of one analysis and reports its progress. */
import type { Progress } from '../../../../protocol/analysis';
import type { AnalysisStep } from '../../../../protocol/vocabulary';
import type { TimingReport } from '../../../../protocol/report';

/** Roughly how long each step takes, as shares of the whole; measured on EfficientNet-B5, one image, warm. */
const weight: Readonly<Record<AnalysisStep, number>> = {
  input: 0.05,
  detection: 0.05,
  model: 0.05,
  crop: 0.01,
  wavelet: 0.04,
  explain: 0.45,
  pictures: 0.33,
  report: 0.02,
};

export class Stopwatch {
  private readonly taken = new Map<AnalysisStep, number>();
  private started: number;
  private current: AnalysisStep | null = null;
  private fraction = 0;

  /**
   * @param clock milliseconds since any fixed time
   * @param log gets a line for each step as it begins and as it ends
   */
  constructor(
    private readonly listener: (progress: Progress) => void = () => undefined,
    private readonly clock: () => number = () => performance.now(),
    private readonly log: (line: string) => void = () => undefined,
  ) {
    this.started = clock();
  }

  /** Ends the current step and begins another. @param announce false if `within` sends the first message */
  step(step: AnalysisStep, message: string, announce = true): void {
    this.stop();
    this.current = step;
    this.log(`${step}: ${message}`);
    if (announce) this.within(0, message);
  }

  /** Progress inside the current step; steps may come in any order. @param share 0..1 of the step */
  within(share: number, message: string): void {
    const { current } = this;
    if (current === null) return;
    const done = [...this.taken.keys()].filter((step) => step !== current);
    const before = done.reduce((sum, step) => sum + weight[step], 0);
    this.fraction = Math.max(this.fraction, Math.min(before + weight[current] * share, 1));
    this.listener({ step: current, done, fraction: this.fraction, message });
  }

  /** Ends the current step; time until the next one counts for none, such as waiting for a lock. */
  stop(): void {
    const now = this.clock();
    const { current, started } = this;
    if (current !== null) {
      this.taken.set(current, (this.taken.get(current) ?? 0) + now - started);
      this.log(`${current}: ${rounded(now - started)} ms`);
    }
    this.started = now;
    this.current = null;
  }

  timings(): readonly TimingReport[] {
    return [...this.taken].map(([step, milliseconds]) => ({ step, milliseconds: rounded(milliseconds) }));
  }
}

/** To a hundredth: finer than the clock's accuracy. */
const rounded = (milliseconds: number): number => Math.round(milliseconds * 100) / 100;
