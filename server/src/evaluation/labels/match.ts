/** Labels of a set as classes of a network: by name, then by name without case and separators, then by index. */
import { LensError } from '../../errors';

export interface LabelMatch {
  /** Class index by label, as written; -1 for a label that is not a class. */
  readonly indices: ReadonlyMap<string, number>;
  /** Labels that are not classes, in the order of the set. */
  readonly unknown: readonly string[];
}

/** Most labels that a message names. */
const NAMED = 10;

/** Ignores case, the Unicode form of accents, and word separators. */
export const normalizedLabel = (label: string): string =>
  label
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_\-.]+/gu, ' ')
    .trim();

/**
 * @param classes of the network, by index
 * @param renamed from a label of the set to the class that the user says it means
 * @throws LensError of kind `usage` for a rename to an unknown class, or a label that fits two classes equally well
 */
export function matchLabels(
  labels: Iterable<string>,
  classes: readonly string[],
  renamed: ReadonlyMap<string, string> = new Map(),
): LabelMatch {
  const exact = indexOf(classes);
  const loose = indexOf(classes.map(normalizedLabel));
  const find = (label: string): number => {
    const found = exact.get(label) ?? loose.get(normalizedLabel(label));
    if (found !== undefined && found.length > 1) throw ambiguous(label, found, classes);
    if (found?.[0] !== undefined) return found[0];
    // Tables with gaps have whole numbers as 1.0.
    const index = Number(/^(?:index:)?(\d{1,9})(?:\.0+)?$/.exec(label)?.[1] ?? NaN);
    return index < classes.length ? index : -1;
  };
  const indices = new Map<string, number>();
  for (const label of labels) {
    if (indices.has(label)) continue;
    const meant = renamed.get(label);
    const index = find(meant ?? label);
    if (meant !== undefined && index < 0) {
      throw new LensError(
        'usage',
        `The label "${label}" was mapped to "${meant}", which is not a class of the network.`,
        {
          fix: `Its ${classes.length} classes are ${some(classes)}.`,
        },
      );
    }
    indices.set(label, index);
  }
  return { indices, unknown: [...indices].filter(([, index]) => index < 0).map(([label]) => label) };
}

/** The error for labels that are not classes. */
export function unknownLabels(
  unknown: readonly string[],
  classes: readonly string[],
  source: string,
): LensError {
  return new LensError('usage', `${source}: ${unknownSentence(unknown, classes)}`, {
    remedies: ['map-labels'],
  });
}

export const unknownSentence = (unknown: readonly string[], classes: readonly string[]): string =>
  `${unknown.length === 1 ? 'the label' : 'the labels'} ${some(unknown)} ${unknown.length === 1 ? 'is not a class' : 'are not classes'} of the network, which has ${classes.length}: ${some(classes)}.`;

function indexOf(names: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  names.forEach((name, index) => found.set(name, [...(found.get(name) ?? []), index]));
  return found;
}

function ambiguous(label: string, found: readonly number[], classes: readonly string[]): LensError {
  const which = found.map((index) => `${index} ("${classes[index] ?? ''}")`).join(', ');
  return new LensError('usage', `The label "${label}" fits several classes of the network: ${which}.`, {
    fix: 'A class may be named by its index, too.',
    remedies: ['map-labels'],
  });
}

const some = (names: readonly string[]): string =>
  names.length <= NAMED
    ? names.map((name) => `"${name}"`).join(', ')
    : `${names
        .slice(0, NAMED)
        .map((name) => `"${name}"`)
        .join(', ')} and ${names.length - NAMED} more`;
