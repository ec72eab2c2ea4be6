/** Options of one command alone: declared once, for Node's parser, for `--help` and for reading what was given. */
import { LensError } from '../errors';
import type { Spec } from './options';

export interface OwnOption {
  /** The placeholder of its value; a switch has none. */
  readonly value?: string;
  readonly help: string;
  readonly several?: true;
}

type OwnOptions = Readonly<Record<string, OwnOption>>;

/** For Node's parser. */
export const specOf = (own: OwnOptions): Spec =>
  Object.fromEntries(
    Object.entries(own).map(([name, { value, several = false }]) => [
      name,
      value === undefined ? { type: 'boolean' as const } : { type: 'string' as const, multiple: several },
    ]),
  );

/** For `--help`: each as it is typed, and what it does. */
export const ownRows = (own: OwnOptions): readonly (readonly [typed: string, help: string])[] =>
  Object.entries(own).map(([name, { value, help }]) => [
    `--${name}${value === undefined ? '' : ` ${value}`}`,
    help,
  ]);

/** What was given for an option that takes a value; null where nothing was. */
export function textOf(values: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = values[name];
  return typeof value === 'string' ? value : null;
}

/** @param what such as `a whole number of seconds` @throws LensError of kind `usage` */
export function wholeNumber(option: string, what: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new LensError('usage', `--${option} expects ${what} from ${least} to ${most}; found "${text}".`);
}
