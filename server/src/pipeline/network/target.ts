/** Which class is explained: a label, an index, or whatever the network predicts. */
import { ClassNames, PREDICTED_TARGET } from '../../../../protocol/target';
import { nearestName } from '../../architectures/edit-distance';
import { LensError } from '../../errors';
import { PREDICTED } from '../../explain/target';
import { labelAt } from './classify';

/** Names of the two classes of one logit, where the lens gives none. */
const OF_ONE_LOGIT = ['negative', 'positive'] as const;

/**
 * The labels of all classes; unnamed ones are numbered.
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
 * The class index for the explain session; PREDICTED lets it choose. Names are matched ignoring case, and by a part where no other
 * class has it.
 * @param place where the target was set, if not by an option: `best.lens.json:3:13`
 * @throws LensError of kind `usage` if there is no such class, or several
 */
export function targetIndex(target: string, labels: readonly string[], place: string | null = null): number {
  if (target === PREDICTED_TARGET) return PREDICTED;
  const names = new ClassNames(labels);
  const [named, ...same] = names.named(target);
  if (named !== undefined && same.length === 0) return named;
  const found = place === null ? `"${target}"` : `"${target}" at ${place}`;
  if (named !== undefined)
    throw new LensError(
      'usage',
      `The target should be one class of the model; ${found} is the name of ${same.length + 1}.`,
      { fix: `Its indices are ${[named, ...same].join(', ')}: give ${either([named, ...same], names)}.` },
    );
  const [only, ...others] = classesFitting(target, labels);
  if (only !== undefined && others.length === 0) return only;
  throw noTarget(target, found, names, place === null ? PREDICTED_TARGET : '"predicted"');
}

/** Targets to choose from: "134 or 517". */
function either(indices: readonly number[], names: ClassNames): string {
  const targets = indices.map((index) => names.targetOf(index));
  return `${targets.slice(0, -1).join(', ')} or ${targets.at(-1) ?? ''}`;
}

/** @param predicted how the predicted class is written there */
function noTarget(target: string, found: string, names: ClassNames, predicted: string): LensError {
  const { labels } = names;
  const some =
    labels.length > 8
      ? `${labels.slice(0, 3).join(', ')}, ... (${labels.length} classes)`
      : labels.join(', ');
  const meant = classesMeant(target, labels);
  const more = classesFitting(target, labels).length - meant.length;
  const question =
    meant.length === 0
      ? ''
      : `Did you mean ${meant.map((index) => offered(index, names)).join(' or ')}${more > 0 ? `, or one of ${more} more` : ''}? `;
  return new LensError(
    'usage',
    `The target should be a class of the model, or ${predicted}; found ${found}.`,
    {
      code: 'no-target',
      fix: `${question}Classes are ${some}; an index from 0 to ${labels.length - 1} works too.`,
    },
  );
}

/** `"espresso"`, or the index of this one where two classes share the name: `134 (crane)`. */
function offered(index: number, names: ClassNames): string {
  const target = names.targetOf(index);
  const label = names.labels[index] ?? '';
  return target === label ? JSON.stringify(label) : `${target} (${label})`;
}

/** Shortest part of a name that is matched. */
const LEAST_PART = 3;

/**
 * Classes that the typed text can mean, the shortest name first: those that differ only in case; else those that contain all its words.
 * @param typed possibly incomplete
 */
export function classesFitting(typed: string, labels: readonly string[]): readonly number[] {
  const text = plainly(typed);
  const indices = labels.map((_, index) => index);
  const name = (index: number): string => labels[index] ?? '';
  const whole = indices.filter((index) => plainly(name(index)) === text);
  if (whole.length > 0) return whole;
  const words = text.split(' ').filter((word) => word !== '');
  if (text.length < LEAST_PART) return [];
  const holding = indices.filter((index) => words.every((word) => plainly(name(index)).includes(word)));
  return holding.toSorted((a, b) => name(a).length - name(b).length);
}

/** In lower case, with one space between words. */
const plainly = (text: string): string =>
  text
    .toLowerCase()
    .split(/[\s_,-]+/)
    .filter((word) => word !== '')
    .join(' ');

/** Most names that are suggested for an unknown one. */
const MOST_MEANT = 5;

/** Classes that the typed text can mean, else the one with the closest spelling. */
function classesMeant(typed: string, labels: readonly string[]): readonly number[] {
  const fitting = classesFitting(typed, labels);
  if (fitting.length > 0) return fitting.slice(0, MOST_MEANT);
  const nearest = nearestName(typed, labels);
  return nearest === null ? [] : [labels.indexOf(nearest)];
}

/** Targets to suggest for an unknown or ambiguous one. */
export const targetsMeant = (typed: string, labels: readonly string[]): readonly string[] => {
  const names = new ClassNames(labels);
  const named = names.named(typed);
  const meant = named.length > 0 ? named : classesMeant(typed, labels);
  return meant.map((index) => names.targetOf(index));
};
