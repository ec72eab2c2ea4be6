/** Texts of lenses: written from the schema, so that every field and word comes up, then damaged as typing and other programs do. */
import type { Schema } from '../../../server/src/lens/json-schema';
import type { Random } from '../random';

/** A value that the schema allows by its type, words and bounds; `undefined` for a key that is left out. */
export function valueOf(schema: Schema, random: Random): unknown {
  if (schema.anyOf !== undefined) return valueOf(random.pick(schema.anyOf), random);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return random.pick(schema.enum);
  const type = typeof schema.type === 'object' ? random.pick(schema.type) : schema.type;
  const { minimum, exclusiveMinimum, maximum, minItems = 0, items = {} } = schema;
  switch (type) {
    case 'object':
      return objectOf(schema, random);
    case 'array':
      return Array.from({ length: Math.max(minItems, random.below(3)) }, () => valueOf(items, random));
    case 'string':
      return random.pick(['a', 'index:1', 'features.*', 'weights/best.onnx', 'ä "quoted" \\ 🦩']);
    case 'integer':
      return minimum ?? random.below(9);
    case 'boolean':
      return random.below(2) === 0;
    case 'null':
      return null;
    default:
      return Math.min(maximum ?? 1, (minimum ?? exclusiveMinimum ?? 0) + 0.25);
  }
}

function objectOf({ properties = {}, required = [] }: Schema, random: Random): Record<string, unknown> {
  const keys = Object.keys(properties).filter((key) => required.includes(key) || random.below(3) === 0);
  return Object.fromEntries(keys.map((key) => [key, valueOf(properties[key] ?? {}, random)]));
}

/** As people indent, with comments; of one line too. */
export function written(value: unknown, random: Random): string {
  const text = JSON.stringify(value, null, random.pick([0, 2, '\t']));
  return random.below(3) === 0 ? text.replace(/,\n/g, ', // why\n').replace(/^\{/, '{ /* a lens */') : text;
}

/** A line of this many characters is no lens, but may be opened. */
const LONG = 1_000_000;

type Damage = (text: string, random: Random) => string;

const at = (text: string, random: Random): number => random.below(text.length + 1);
const without = (text: string, from: number, length: number): string =>
  text.slice(0, from) + text.slice(from + length);
const insert = (text: string, from: number, more: string): string =>
  text.slice(0, from) + more + text.slice(from);

/** A random occurrence of what a pattern finds is replaced. */
function replaceOne(text: string, pattern: RegExp, by: string, random: Random): string {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return text;
  const { index, 0: what } = random.pick(found);
  return text.slice(0, index) + by + text.slice(index + what.length);
}

const TYPED = [
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '//',
  '/*',
  '*/',
  '"pre',
  'fal',
  '\\',
  '\u0000',
  '\u2028',
  '-',
  '1e999',
];

const damages: readonly Damage[] = [
  (text, random) => text.slice(0, at(text, random)),
  (text, random) => without(text, at(text, random), 1 + random.below(12)),
  (text, random) => insert(text, at(text, random), random.pick(TYPED)),
  (text, random) => replaceOne(text, /,/g, ',,', random),
  (text, random) => replaceOne(text, /,/g, '', random),
  (text, random) => replaceOne(text, /[\]}]/g, ',$&'.slice(0, 1) + random.pick([']', '}']), random),
  (text, random) =>
    replaceOne(text, /"[^"\n]*"/g, random.pick(['', '"', '"x"', 'x', '{}', '[]', 'null']), random),
  (text, random) => replaceOne(text, /:[^,\n]*/g, ':', random),
  (text, random) => insert(text, at(text, random), random.pick([' // why\n', ' /* why */ ', '\n\n'])),
  (text, random) => insert(text, at(text, random), text.slice(0, at(text, random))),
];

/** A tenth is left whole. Line breaks of other systems and the mark in front are no damage. */
export function damaged(text: string, random: Random): string {
  let result = text;
  for (let times = random.below(10) === 0 ? 0 : 1 + random.below(3); times > 0; times--)
    result = random.pick(damages)(result, random);
  if (random.below(4) === 0) result = result.replace(/\r?\n/g, random.pick(['\r\n', '\r']));
  if (random.below(100) === 0) result = insert(result, at(result, random), 'x'.repeat(LONG));
  return random.below(6) === 0 ? `\uFEFF${result}` : result;
}
