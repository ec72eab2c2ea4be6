/** The classes of a report with their numbers, as far as each has any. */
import type { ClassifierReport, Real } from '../../../protocol/report';
import { real } from './numbers';

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

/** A list of ImageNet's length opens at once; one of 30,000 holds the page up for half a minute. */
const MOST_CHOICES = 1000;

/** The labels that a switch offers, in their order: all, or, of very many, the most probable and the chosen one. */
export function offeredLabels(
  labels: readonly string[],
  classifier: ClassifierReport | undefined,
  chosen: string,
): readonly string[] {
  if (labels.length <= MOST_CHOICES) return labels;
  const order = ({ probability, logit }: ClassRow): number => real(probability ?? logit ?? '-Infinity') || 0;
  const rows = classifier ? classRows(classifier).toSorted((a, b) => order(b) - order(a)) : [];
  const offered = new Set([chosen, ...rows.map(({ label }) => label), ...labels].slice(0, MOST_CHOICES));
  return labels.filter((label) => offered.has(label)).slice(0, MOST_CHOICES);
}
