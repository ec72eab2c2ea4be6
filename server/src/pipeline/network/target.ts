/** Which class is explained: a label, an index, or whatever the network predicts. */
import { nearestName } from '../../architectures/edit-distance';
import { LensError } from '../../errors';
import { PREDICTED } from '../../explain/target';
import { labelAt } from './classify';

/** Of two classes that one logit stands for, where the lens names none. */
const OF_ONE_LOGIT = ['negative', 'positive'] as const;

/**
 * The labels of all classes; those that the lens does not name are numbered.
 * @param logits of the network: one stands for two classes
 */
export function classLabels(
  lens: { readonly labels: readonly string[] },
  classes: number,
  logits: number = classes,
): readonly string[] {
  const named = logits === 1 && lens.labels.length === 0 ? OF_ONE_LOGIT : lens.labels;
  return Array.from({ length: classes }, (_, index) => labelAt(named, index));
}

/**
 * The class index that the explain session is given; PREDICTED lets it choose.
 * @param place where the target was read, if that is not an option: `best.lens.json:3:13`
 * @throws LensError of kind `usage` if there is no such class
 */
export function targetIndex(target: string, labels: readonly string[], place: string | null = null): number {
  if (target === 'pred') return PREDICTED;
  const named = labels.indexOf(target);
  if (named >= 0) return named;
  const index = /^\d+$/.test(target) ? Number(target) : -1;
  if (index >= 0 && index < labels.length) return index;
  const some =
    labels.length > 8
      ? `${labels.slice(0, 3).join(', ')}, ... (${labels.length} classes)`
      : labels.join(', ');
  const found = place === null ? `"${target}"` : `"${target}" at ${place}`;
  const meant = probablyMeant(target, labels);
  const question =
    meant.length === 0 ? '' : `Did you mean ${meant.map((name) => JSON.stringify(name)).join(' or ')}? `;
  throw new LensError('usage', `The target should be a class of the model, or pred; found ${found}.`, {
    fix: `${question}Classes are ${some}; an index from 0 to ${labels.length - 1} works too.`,
  });
}

/** Names that are offered for one that is none. */
const MOST_MEANT = 3;

/** Those that hold all its words, the shortest first, whatever their case; else the one that is spelled almost so. */
export function probablyMeant(target: string, labels: readonly string[]): readonly string[] {
  const words = target
    .toLowerCase()
    .split(/[\s_,-]+/)
    .filter((word) => word.length > 1);
  const holding = labels.filter((label) => {
    const own = label.toLowerCase();
    return words.length > 0 && words.every((word) => own.includes(word));
  });
  if (holding.length > 0) return holding.toSorted((a, b) => a.length - b.length).slice(0, MOST_MEANT);
  const nearest = nearestName(target, labels);
  return nearest === null ? [] : [nearest];
}
