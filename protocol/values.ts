/** What a value from outside has to be: that of an option, a setting, or a request's parameter. */
import type { BoxReport } from './report-values';
import { STROKE_BOUNDS, type Stroke } from './strokes';
import type { Word } from './vocabulary';

/** Each front end reads a kind in its own way: the command line from text, the server from JSON. */
export type Kind =
  /** Text that is not empty. */
  | { readonly is: 'text' }
  /** An absolute path; each front end resolves relative ones. */
  | { readonly is: 'path' }
  | { readonly is: 'word'; readonly words: readonly Word[] }
  /** Several words, at least one; the order counts. */
  | { readonly is: 'words'; readonly words: readonly Word[] }
  /** A whole number. */
  | { readonly is: 'count'; readonly least: number; readonly most: number }
  | { readonly is: 'number'; readonly least: number; readonly most: number }
  | { readonly is: 'box' }
  | { readonly is: 'strokes' };

/** The type of a kind's values. */
export type ValueOf<K extends Kind> = K extends { readonly is: 'word' }
  ? K['words'][number]['id']
  : K extends { readonly is: 'words' }
    ? readonly K['words'][number]['id'][]
    : K extends { readonly is: 'count' | 'number' }
      ? number
      : K extends { readonly is: 'box' }
        ? BoxReport
        : K extends { readonly is: 'strokes' }
          ? readonly Stroke[]
          : string;

export const TEXT = { is: 'text' } as const satisfies Kind;
export const PATH = { is: 'path' } as const satisfies Kind;
export const BOX = { is: 'box' } as const satisfies Kind;
export const STROKES = { is: 'strokes' } as const satisfies Kind;

export const word = <const Words extends readonly Word[]>(words: Words) => ({ is: 'word', words }) as const;
export const words = <const Words extends readonly Word[]>(list: Words) =>
  ({ is: 'words', words: list }) as const;
export const count = (least: number, most: number) => ({ is: 'count', least, most }) as const;
export const number = (least: number, most: number) => ({ is: 'number', least, most }) as const;

const listed = (list: readonly Word[]): string => list.map(({ id }) => id).join(', ');

/** Ends the sentence "should be ...". */
export function expected(kind: Kind): string {
  switch (kind.is) {
    case 'text':
      return 'a non-empty string';
    case 'path':
      return 'an absolute path';
    case 'word':
      return `one of ${listed(kind.words)}`;
    case 'words':
      return `a list out of ${listed(kind.words)}`;
    case 'count':
      return `a whole number from ${kind.least} to ${kind.most}`;
    case 'number':
      return `a number from ${kind.least} to ${kind.most}`;
    case 'box':
      return 'four numbers';
    case 'strokes':
      return `a list of 1 to ${STROKE_BOUNDS.strokes} strokes`;
  }
}
