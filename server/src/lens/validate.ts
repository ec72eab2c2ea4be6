/** Checks a parsed JSON text against a schema; each problem knows its place in the text, what was expected, and the nearest known word. */
import { getNodeValue, type Node } from 'jsonc-parser';
import { nearestName } from '../architectures/edit-distance';
import { counted, describeChoices, describeNode, describeSchema, typesOf } from './describe-schema';
import type { Schema } from './json-schema';

export interface Problem {
  /** In the text, in UTF-16 code units. */
  readonly offset: number;
  /** Such as `preprocess[0].fit`; empty for the whole text. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
  /** The known word that was probably meant. */
  readonly nearest: string | null;
}

/** More problems than this are of no use. */
const MOST_PROBLEMS = 20;

/** @returns problems in the order of the text, the first 20 */
export function validate(node: Node, schema: Schema): readonly Problem[] {
  return check(node, schema, '')
    .toSorted((a, b) => a.offset - b.offset)
    .slice(0, MOST_PROBLEMS);
}

function check(node: Node, schema: Schema, path: string): readonly Problem[] {
  if (schema.anyOf !== undefined) return checkChoices(node, schema.anyOf, path);
  const expected = describeSchema(schema);
  if (!hasType(node, schema)) return [problem(node, path, expected)];
  if (schema.const !== undefined && node.value !== schema.const) return [problem(node, path, expected)];
  if (schema.enum !== undefined && !schema.enum.some((word) => word === node.value))
    return [{ ...problem(node, path, expected), nearest: nearestWord(node, schema.enum) }];
  if (node.type === 'object') return checkObject(node, schema, path);
  if (node.type === 'array') return checkArray(node, schema, path);
  return isWithin(node, schema) ? [] : [problem(node, path, expected)];
}

/**
 * Objects that differ in one word, as steps do, are distinguished by it; other choices by the type of the
 * value.
 */
function checkChoices(node: Node, choices: readonly Schema[], path: string): readonly Problem[] {
  const tag = tagOf(choices);
  if (tag !== null && node.type === 'object') return checkTagged(node, choices, tag, path);
  const typed = choices.filter((choice) => hasType(node, choice));
  const [only, ...others] = typed;
  if (only === undefined) return [problem(node, path, describeChoices(choices))];
  const attempts = typed.map((choice) => check(node, choice, path));
  if (attempts.some((problems) => problems.length === 0)) return [];
  return others.length === 0 ? (attempts[0] ?? []) : [problem(node, path, describeChoices(typed))];
}

/** The property that has another constant in each choice; null where there is none. */
function tagOf(choices: readonly Schema[]): string | null {
  const [first] = choices;
  const names = Object.entries(first?.properties ?? {}).filter(([, { const: word }]) => word !== undefined);
  const tag = names.find(([name]) =>
    choices.every(({ properties }) => properties?.[name]?.const !== undefined),
  );
  return tag?.[0] ?? null;
}

function checkTagged(node: Node, choices: readonly Schema[], tag: string, path: string): readonly Problem[] {
  const words = choices.map(({ properties }) => String(properties?.[tag]?.const));
  const named = propertiesOf(node).find(({ name }) => name === tag);
  if (named === undefined)
    return [problem(node, join(path, tag), `one of ${words.join(', ')}`, `no "${tag}"`)];
  const choice = choices[words.findIndex((word) => word === named.value.value)];
  if (choice !== undefined) return check(node, choice, path);
  const nearest = nearestWord(named.value, words);
  return [{ ...problem(named.value, join(path, tag), `one of ${words.join(', ')}`), nearest }];
}

function checkObject(node: Node, schema: Schema, path: string): readonly Problem[] {
  const known = schema.properties ?? {};
  const given = propertiesOf(node);
  const seen = new Set<string>();
  const inside = given.flatMap(({ name, key, value }): readonly Problem[] => {
    const place = join(path, name);
    if (seen.has(name)) return [problem(key, place, 'each key once', 'it a second time')];
    seen.add(name);
    const of = Object.hasOwn(known, name) ? known[name] : undefined;
    if (of !== undefined) return check(value, of, place);
    if (schema.additionalProperties !== false) return [];
    const names = Object.keys(known);
    const expected = names.length === 0 ? 'no keys' : `one of the keys ${names.join(', ')}`;
    return [{ ...problem(key, path, expected, JSON.stringify(name)), nearest: nearestOf(name, names) }];
  });
  const missing = (schema.required ?? [])
    .filter((name) => !seen.has(name))
    .map((name) => problem(node, join(path, name), describeSchema(known[name] ?? {}), 'nothing'));
  return [...inside, ...missing];
}

function checkArray(node: Node, schema: Schema, path: string): readonly Problem[] {
  const { items, minItems = 0, maxItems = Infinity, uniqueItems = false } = schema;
  const children = node.children ?? [];
  if (children.length < minItems || children.length > maxItems)
    return [problem(node, path, describeSchema(schema), counted(children.length, 'item'))];
  const inside =
    items === undefined ? [] : children.flatMap((child, i) => check(child, items, `${path}[${i}]`));
  if (inside.length > 0 || !uniqueItems) return inside;
  const texts = children.map((child) => JSON.stringify(getNodeValue(child)));
  return children.flatMap((child, i) =>
    texts.indexOf(texts[i] ?? '') < i
      ? [problem(child, `${path}[${i}]`, 'each item once', `${describeNode(child)} a second time`)]
      : [],
  );
}

interface Property {
  readonly name: string;
  readonly key: Node;
  readonly value: Node;
}

/** In the order of the text. A key without a value is an error of its syntax. */
function propertiesOf(node: Node): readonly Property[] {
  return (node.children ?? []).flatMap(({ children: [key, value] = [] }) =>
    key === undefined || value === undefined ? [] : [{ name: String(key.value), key, value }],
  );
}

function hasType(node: Node, schema: Schema): boolean {
  const types = typesOf(schema);
  if (types.length === 0) return true;
  const whole = node.type === 'number' && Number.isInteger(node.value);
  return types.some((type) => type === node.type || (type === 'integer' && whole));
}

function isWithin(node: Node, schema: Schema): boolean {
  const value: unknown = node.value;
  if (typeof value === 'string') {
    const { minLength = 0, maxLength = Infinity } = schema;
    return value.length >= minLength && value.length <= maxLength && !value.includes('\0');
  }
  if (typeof value !== 'number') return true;
  const { minimum = -Infinity, maximum = Infinity } = schema;
  const { exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = schema;
  return (
    Number.isFinite(value) &&
    value >= minimum &&
    value <= maximum &&
    (value > exclusiveMinimum || exclusiveMinimum === -Infinity) &&
    (value < exclusiveMaximum || exclusiveMaximum === Infinity)
  );
}

const nearestWord = (node: Node, words: readonly unknown[]): string | null =>
  typeof node.value === 'string'
    ? nearestOf(
        node.value,
        words.filter((word) => typeof word === 'string'),
      )
    : null;

/** Letters of a word that may abbreviate one that begins with it. */
const LEAST_BEGINNING = 3;

/** One that differs only in capitals, else the closest, else the only one that begins that way. */
function nearestOf(word: string, words: readonly string[]): string | null {
  const same = words.find((known) => known.toLowerCase() === word.toLowerCase());
  const nearest = same ?? nearestName(word, words);
  if (nearest !== null || word.length < LEAST_BEGINNING) return nearest;
  const [longer = null, ...others] = words.filter((known) => known.startsWith(word));
  return others.length === 0 ? longer : null;
}

const problem = (node: Node, path: string, expected: string, found?: string): Problem => ({
  ...{ offset: node.offset, path, expected, found: found ?? describeNode(node), nearest: null },
});

const join = (path: string, name: string): string => {
  const plain = /^[A-Za-z_$][\w$]*$/.test(name) ? name : null;
  if (plain === null) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? plain : `${path}.${plain}`;
};
