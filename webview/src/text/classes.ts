/** The classes of a report with their numbers, as far as each has any. */
import type { ClassifierReport, Real } from '../../../protocol/report';

export interface ClassRow {
  readonly index: number;
  readonly label: string;
  /** Null where a single logit stands for two classes and this is not the last. */
  readonly logit: Real | null;
  /** Null where the outputs give none. */
  readonly probability: Real | null;
}

export function classRows({ labels, logits, probabilities }: ClassifierReport): readonly ClassRow[] {
  const first = labels.length - logits.length; // one logit is that of the last label
  return labels.map((label, index) => ({
    index,
    label,
    logit: logits[index - first] ?? null,
    probability: probabilities?.[index] ?? null,
  }));
}
