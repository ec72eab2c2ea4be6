/** The classes of a report with their numbers, as far as each has any. */
import { firstClassWithLogit } from '../../../protocol/logits';
import type { ClassifierReport, Real } from '../../../protocol/report';
import { real } from './numbers';

export interface ClassRow {
  readonly index: number;
  readonly label: string;
  /** Null where a single logit stands for two classes and this is not the last. */
  readonly logit: Real | null;
  /** Null where the outputs give none. */
  readonly probability: Real | null;
  /** That of the float32 equivalent, where the file computes otherwise. */
  readonly floatLogit?: Real | null;
}

export function classRows({
  labels,
  logits,
  probabilities,
  precision,
}: ClassifierReport): readonly ClassRow[] {
  const first = firstClassWithLogit({ labels, logits });
  // Where the file itself cannot be run, both are the same.
  const float = precision === undefined || precision.fileLogits === null ? null : precision.floatLogits;
  return labels.map((label, index) => ({
    index,
    label,
    logit: logits[index - first] ?? null,
    probability: probabilities?.[index] ?? null,
    ...(float === null ? {} : { floatLogit: float[index - first] ?? null }),
  }));
}

/** A list of ImageNet's length opens at once; one of 30,000 blocks the page for half a minute. */
const MOST_CHOICES = 1000;

/** The classes that a switch offers, in their order: all, or, of very many, the most probable and the chosen one. */
export function offeredClasses(
  labels: readonly string[],
  classifier: ClassifierReport | undefined,
  chosen: number | null,
): readonly number[] {
  const all = labels.map((_, index) => index);
  if (labels.length <= MOST_CHOICES) return all;
  const order = ({ probability, logit }: ClassRow): number => real(probability ?? logit ?? '-Infinity') || 0;
  const rows = classifier ? classRows(classifier).toSorted((a, b) => order(b) - order(a)) : [];
  const first = [...(chosen === null ? [] : [chosen]), ...rows.map(({ index }) => index), ...all];
  return [...new Set(first)].slice(0, MOST_CHOICES).toSorted((a, b) => a - b);
}
