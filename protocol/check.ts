/** Checks of values from outside, as small functions to be combined; the report's are generated from its schema. */

/** What is wrong with a value: where, what it should be, what it is. */
export interface Problem {
  /** Such as `layers[3].shape`; empty for the whole value. */
  readonly at: string;
  /** Ends the sentence "should be ...". */
  readonly expected: string;
  readonly found: string;
}

/** Null where the value is as it should be. */
export type Check = (value: unknown) => Problem | null;

const MOST_SHOWN = 60;

/** A value, short enough for a message; never walks into it, so no depth is too large. */
export function found(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'string')
    return JSON.stringify(value.length <= MOST_SHOWN ? value : `${value.slice(0, MOST_SHOWN)}...`);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

export const problem = (expected: string, value: unknown, at = ''): Problem => ({
  at,
  expected,
  found: found(value),
});

/** The problem of a part, as one of the whole. */
function within(key: string | number, { at, ...rest }: Problem): Problem {
  const here = typeof key === 'number' ? `[${key}]` : key;
  return { ...rest, at: at === '' || at.startsWith('[') ? `${here}${at}` : `${here}.${at}` };
}

/** Any text, or text that matches the pattern. */
export const text =
  (expected = 'a string', pattern?: RegExp): Check =>
  (value) =>
    typeof value === 'string' && (pattern === undefined || pattern.test(value))
      ? null
      : problem(expected, value);

export interface NumberBounds {
  readonly whole?: boolean;
  readonly least?: number;
  readonly most?: number;
  readonly multipleOf?: number;
}

/** A finite number: JSON can write 1e999, which is read as infinity. */
export function number({ whole = false, least, most, multipleOf }: NumberBounds = {}): Check {
  const limits = [
    ...(least === undefined ? [] : [`at least ${least}`]),
    ...(most === undefined ? [] : [`at most ${most}`]),
    ...(multipleOf === undefined ? [] : [`a multiple of ${multipleOf}`]),
  ];
  const expected = [whole ? 'a whole number' : 'a number', ...limits].join(', ');
  return (value) =>
    typeof value === 'number' &&
    (whole ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
    (least === undefined || value >= least) &&
    (most === undefined || value <= most) &&
    (multipleOf === undefined || value % multipleOf === 0)
      ? null
      : problem(expected, value);
}

/** Accepts anything: for values that are only displayed. */
export const anything: Check = () => null;

export const boolean: Check = (value) =>
  typeof value === 'boolean' ? null : problem('true or false', value);

export function oneOf(...values: readonly (string | number | boolean | null)[]): Check {
  const names = values.map((value) => (typeof value === 'string' ? value : String(value)));
  const expected = names.length === 1 ? names.join() : `one of ${names.join(', ')}`;
  return (value) => (values.some((known) => known === value) ? null : problem(expected, value));
}

/** The words of a text, separated by spaces or line breaks. */
export const wordsOf = (text: string): readonly string[] => text.split(/\s+/);

/**
 * Accepts what any of the checks accepts. The problem is that of the first check that found one deeper in the
 * value, since that check knew the value's type; else the value should be what any of them expects.
 */
export const either =
  (...checks: readonly Check[]): Check =>
  (value) => {
    const problems: Problem[] = [];
    for (const check of checks) {
      const wrong = check(value);
      if (wrong === null) return null;
      problems.push(wrong);
    }
    const deep = problems.find(({ at }) => at !== '');
    return deep ?? problem(problems.map(({ expected }) => expected).join(', or '), value);
  };

export interface ListBounds {
  readonly least?: number;
  readonly most?: number;
  readonly unique?: boolean;
}

export function list(item: Check, { least = 0, most = Infinity, unique = false }: ListBounds = {}): Check {
  const count = least === most ? `${least}` : most === Infinity ? `at least ${least}` : `${least} to ${most}`;
  const expected = least === 0 && most === Infinity ? 'a list' : `a list of ${count}`;
  return (value) => {
    if (!Array.isArray(value) || value.length < least || value.length > most) return problem(expected, value);
    if (unique && new Set(value).size < value.length) return problem('a list without duplicates', value);
    for (let i = 0; i < value.length; i++) {
      const wrong = item(value[i]);
      if (wrong !== null) return within(i, wrong);
    }
    return null;
  };
}

/** An object with these properties. Others are ignored, since a newer program may have written them. */
export function object(
  required: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>> = {},
): Check {
  const needed = Object.entries(required);
  const others = Object.entries(optional);
  return (value) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value))
      return problem('an object', value);
    const parts = value as Readonly<Record<string, unknown>>;
    for (const [key, check] of needed) {
      const wrong = check(Object.hasOwn(parts, key) ? parts[key] : undefined);
      if (wrong !== null) return within(key, wrong);
    }
    for (const [key, check] of others) {
      const wrong = Object.hasOwn(parts, key) ? check(parts[key]) : null;
      if (wrong !== null) return within(key, wrong);
    }
    return null;
  };
}
