/** How good the probabilities themselves are: log loss, Brier score, and calibration of the verdict's confidence. */
import type { Bin } from '../../../../protocol/evaluation';

/** 2^-52: `numpy.finfo(float64).eps`, between which and 1 minus it scikit-learn's `log_loss` clips probabilities. */
const EPSILON = Number.EPSILON;

/** Bins of equal width. */
export const BINS = 15;

/** Sums over rows. */
export class ProbabilityMetrics {
  private logSum = 0;
  private brierSum = 0;
  private topFive = 0;
  private count = 0;
  /** Rows whose label had a probability of 0 or 1 exactly, which log loss clips. */
  clipped = 0;
  private readonly bins = Array.from({ length: BINS }, () => ({ count: 0, confidence: 0, right: 0 }));

  /** @param probabilities finite */
  add(probabilities: readonly number[], label: number, predicted: number): void {
    const p = probabilities[label] ?? NaN;
    if (p < EPSILON || p > 1 - EPSILON) this.clipped += 1;
    this.logSum -= Math.log(Math.min(1 - EPSILON, Math.max(EPSILON, p)));
    let squares = 0;
    let above = 0;
    probabilities.forEach((each, index) => {
      squares += (each - (index === label ? 1 : 0)) ** 2;
      if (each > p || (each === p && index > label)) above += 1; // ties as in `top_k_accuracy_score`
    });
    this.brierSum += squares;
    if (above < 5) this.topFive += 1;
    this.count += 1;
    const confidence = probabilities[predicted] ?? NaN;
    const bin = this.bins[binOf(confidence)];
    if (bin === undefined) return;
    bin.count += 1;
    bin.confidence += confidence;
    bin.right += predicted === label ? 1 : 0;
  }

  /** Mean of -log p[label], in nats, p clipped; null without rows. */
  get logLoss(): number | null {
    return this.count === 0 ? null : this.logSum / this.count;
  }

  /** Mean of sum over classes (p - y)^2, half of it for two classes, as `brier_score_loss`. @param classes of the network */
  brier(classes: number): number | null {
    return this.count === 0 ? null : this.brierSum / this.count / (classes === 2 ? 2 : 1);
  }

  /** Null without rows, and for five classes or fewer, where it would always be 1. */
  topFiveAccuracy(classes: number): number | null {
    return this.count === 0 || classes <= 5 ? null : this.topFive / this.count;
  }

  get calibration(): readonly Bin[] {
    return this.bins.map(({ count, confidence, right }) => ({
      count,
      confidence: count === 0 ? null : confidence / count,
      accuracy: count === 0 ? null : right / count,
    }));
  }

  /** Expected calibration error: sum over bins count / n |accuracy - confidence|. */
  get ece(): number | null {
    if (this.count === 0) return null;
    const sum = this.bins.reduce((total, { right, confidence }) => total + Math.abs(right - confidence), 0);
    return sum / this.count;
  }
}

/** Bins are open on the left and closed on the right, as in `sklearn.calibration.calibration_curve`; 0 belongs to the first. */
function binOf(confidence: number): number {
  for (let bin = 0; bin < BINS - 1; bin++) if (confidence <= (EDGES[bin + 1] ?? 1)) return bin;
  return BINS - 1;
}

/** `numpy.linspace(0, 1, BINS + 1)`. */
const EDGES = Array.from({ length: BINS + 1 }, (_, i) => i * (1 / BINS));
