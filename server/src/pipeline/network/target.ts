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
 * The class index that the explain session is given; PREDICTED lets it choose. A name counts in any case, and a part of one where no other
 * class has it.
 * @param place where the target was read, if that is not an option: `best.lens.json:3:13`
 * @throws LensError of kind `usage` if there is no such class, or several
 */
export function targetIndex(target: string, labels: readonly string[], place: string | null = null): number {
  if (target === 'pred') return PREDICTED;
  const [named, ...same] = indicesOf((label) => label === target, labels);
  if (named !== undefined && same.length === 0) return named;
  const found = place === null ? `"${target}"` : `"${target}" at ${place}`;
  if (named !== undefined)
    throw new LensError(
      'usage',
      `The target should be one class of the model; ${found} is the name of ${same.length + 1}.`,
      { fix: `Its indices are ${[named, ...same].join(', ')}: an index works too.` },
    );
  const index = /^\d+$/.test(target) ? Number(target) : -1;
  if (index >= 0 && index < labels.length) return index;
  const [only, ...others] = targetsFitting(target, labels);
  if (only !== undefined && others.length === 0) return labels.indexOf(only);
  throw noTarget(target, found, labels);
}

function noTarget(target: string, found: string, labels: readonly string[]): LensError {
  const some =
    labels.length > 8
      ? `${labels.slice(0, 3).join(', ')}, ... (${labels.length} classes)`
      : labels.join(', ');
  const meant = probablyMeant(target, labels);
  const more = targetsFitting(target, labels).length - meant.length;
  const question =
    meant.length === 0
      ? ''
      : `Did you mean ${meant.map((name) => JSON.stringify(name)).join(' or ')}${more > 0 ? `, or one of ${more} more` : ''}? `;
  return new LensError('usage', `The target should be a class of the model, or pred; found ${found}.`, {
    fix: `${question}Classes are ${some}; an index from 0 to ${labels.length - 1} works too.`,
  });
}

const indicesOf = (fits: (label: string) => boolean, labels: readonly string[]): readonly number[] =>
  labels.flatMap((label, index) => (fits(label) ? [index] : []));

/** A part of a name that says something. */
const LEAST_PART = 3;

/**
 * Names of classes that what was typed can mean, the shortest first: the one that differs in case alone; else those that hold all its words.
 * @param typed by a person, perhaps not to its end
 */
export function targetsFitting(typed: string, labels: readonly string[]): readonly string[] {
  const text = plainly(typed);
  const whole = labels.filter((label) => plainly(label) === text);
  if (whole.length > 0) return whole;
  const words = text.split(' ').filter((word) => word !== '');
  if (text.length < LEAST_PART) return [];
  const holding = labels.filter((label) => words.every((word) => plainly(label).includes(word)));
  return holding.toSorted((a, b) => a.length - b.length);
}

/** In lower case, with one space between words. */
const plainly = (text: string): string =>
  text
    .toLowerCase()
    .split(/[\s_,-]+/)
    .filter((word) => word !== '')
    .join(' ');

/** Names that are offered for one that is none. */
const MOST_MEANT = 5;

/** Those that what was typed can mean, else the one that is spelled almost so. */
export function probablyMeant(target: string, labels: readonly string[]): readonly string[] {
  const fitting = targetsFitting(target, labels);
  if (fitting.length > 0) return fitting.slice(0, MOST_MEANT);
  const nearest = nearestName(target, labels);
  return nearest === null ? [] : [nearest];
}
