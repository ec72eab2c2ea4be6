/** What a new key's value begins with: valid, so that nothing is underlined before one has typed. */
import type { Schema } from '../../lens/json-schema';

export const beginning = (schema: Schema): string => text(valueOf(schema));

/** As people write it: a space behind colons and commas. */
function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${text(inner)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function valueOf(schema: Schema): unknown {
  const [first] = schema.anyOf ?? [];
  const [example] = schema.examples ?? [];
  if (schema.default !== undefined) return schema.default;
  if (example !== undefined) return example;
  if (first !== undefined) return valueOf(first);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const type = typeof schema.type === 'object' ? schema.type[0] : schema.type;
  const { properties = {}, required = [], items = {}, minItems = 0 } = schema;
  switch (type) {
    case 'object':
      return Object.fromEntries(required.map((key) => [key, valueOf(properties[key] ?? {})]));
    case 'array':
      return Array.from({ length: minItems }, () => valueOf(items));
    case 'boolean':
      return true;
    case 'string':
      return ''; // texts that may not be empty have an example
    case 'null':
      return null;
    default:
      return numberOf(schema);
  }
}

/** The least that is allowed, or in the middle where the bounds are not. */
function numberOf({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: Schema): number {
  if (minimum !== undefined) return minimum;
  const high = maximum ?? exclusiveMaximum;
  if (exclusiveMinimum === undefined) return Math.min(0, high ?? 0);
  return high === undefined ? exclusiveMinimum + 1 : (exclusiveMinimum + high) / 2;
}
