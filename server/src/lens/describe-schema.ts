/** A schema, and the value found instead, in words that follow "expected" and "found". */
import type { Node } from 'jsonc-parser';
import type { JsonType, Schema } from './json-schema';

/** As written, else that of its words. */
export function typesOf({ type, const: word, enum: words, anyOf }: Schema): readonly JsonType[] {
  if (type !== undefined) return typeof type === 'string' ? [type] : type;
  if (anyOf !== undefined) return anyOf.flatMap(typesOf);
  const all = word === undefined ? (words ?? []) : [word];
  return [...new Set(all.map((each) => (each === null ? 'null' : (typeof each as JsonType))))];
}

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Longer values are cut. */
const LONGEST_FOUND = 60;

export function describeNode(node: Node): string {
  if (node.type === 'object') return 'an object';
  if (node.type === 'array') return `a list of ${counted(node.children?.length ?? 0, 'item')}`;
  const value: unknown = node.value;
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number that is too large';
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > LONGEST_FOUND ? `${text.slice(0, LONGEST_FOUND)}…` : text;
}

export const describeChoices = (choices: readonly Schema[]): string =>
  [...new Set(choices.map(describeSchema))].join(', or ');

/** In words, to follow "expected". */
export function describeSchema(schema: Schema): string {
  if (schema.anyOf !== undefined) return describeChoices(schema.anyOf);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) {
    const words = schema.enum.map((word) => (typeof word === 'string' ? word : JSON.stringify(word)));
    return words.length === 1 ? (words[0] ?? '') : `one of ${words.join(', ')}`;
  }
  return (
    typesOf(schema)
      .map((type) => describeType(type, schema))
      .join(' or ') || 'a value'
  );
}

function describeType(type: JsonType, schema: Schema): string {
  switch (type) {
    case 'object':
      return 'an object';
    case 'array':
      return `a list of ${itemCount(schema)}${plural(schema.items ?? {})}`;
    case 'string':
      return `a string${lengths(schema)}`;
    case 'number':
      return `a number${bounds(schema)}`;
    case 'integer':
      return `a whole number${bounds(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'null';
  }
}

function lengths({ minLength, maxLength }: Schema): string {
  if (maxLength === undefined) return (minLength ?? 0) > 0 ? ' that is not empty' : '';
  return (minLength ?? 0) > 0
    ? ` of ${minLength ?? 0} to ${maxLength} characters`
    : ` of up to ${maxLength} characters`;
}

const plural = (schema: Schema): string => {
  const [type] = typesOf(schema);
  if (schema.anyOf !== undefined || schema.enum !== undefined) return `items, each ${describeSchema(schema)}`;
  if (type === 'string') return 'strings';
  if (type === 'number') return `numbers${bounds(schema)}`;
  return type === 'integer' ? `whole numbers${bounds(schema)}` : 'items';
};

function itemCount({ minItems, maxItems }: Schema): string {
  if (minItems !== undefined && minItems === maxItems) return `exactly ${minItems} `;
  if (minItems !== undefined && maxItems !== undefined) return `${minItems} to ${maxItems} `;
  if (minItems !== undefined) return `at least ${minItems} `;
  return maxItems === undefined ? '' : `at most ${maxItems} `;
}

function bounds({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const low = minimum ?? exclusiveMinimum;
  const high = maximum ?? exclusiveMaximum;
  const [above, below] = [exclusiveMinimum !== undefined, exclusiveMaximum !== undefined];
  if (low === undefined && high === undefined) return '';
  if (low !== undefined && high !== undefined && !above && !below) return ` from ${low} to ${high}`;
  const parts = [
    ...(low === undefined ? [] : [`${above ? 'above' : 'of at least'} ${low}`]),
    ...(high === undefined ? [] : [`${below ? 'below' : 'of at most'} ${high}`]),
  ];
  return ` ${parts.join(' and ')}`;
}
