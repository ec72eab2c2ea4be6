/** The schemas of lenses and test files for editors, and the table of docs/lens.md with every key: both from what they are checked against. */
import type { Schema } from '../../server/src/lens/json-schema';
import { checkFileSchema } from '../../server/src/lens/expect-schema';
import { lensSchema } from '../../server/src/lens/schema';
import { bring, json } from './files';

/** These have pages of their own. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  preprocess: 'a list of steps: [steps.md](steps.md)',
  expect: 'an object: [ci.md](ci.md)',
};

const code = (value: unknown): string => `\`${JSON.stringify(value)}\``;

/** What may be written. */
function values({ enum: words, type, items, anyOf, ...bounds }: Schema): string {
  if (words !== undefined) return words.map(code).join(', ');
  if (anyOf !== undefined) return anyOf.map(values).join('; or ');
  switch (type) {
    case 'array':
      return bounds.minItems === bounds.maxItems && bounds.minItems !== undefined
        ? `a list of ${bounds.minItems}, each ${values(items ?? {})}`
        : `a list, each ${values(items ?? {})}`;
    case 'integer':
      return `a whole number${range(bounds)}`;
    case 'number':
      return `a number${range(bounds)}`;
    case 'string':
      return 'a string';
    case 'null':
      return '`null`';
    default:
      return 'an object';
  }
}

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const least = exclusiveMinimum === undefined ? minimum : `more than ${exclusiveMinimum}`;
  const most = exclusiveMaximum === undefined ? maximum : `less than ${exclusiveMaximum}`;
  if (least === undefined && most === undefined) return '';
  return ` (${[least, most].filter((bound) => bound !== undefined).join(' to ')})`.replace(
    /more than (\S+) to less than/,
    'more than $1, less than',
  );
}

/** Keys of objects are rows of their own, behind the object's. */
function rows(schema: Schema, path: string): readonly string[] {
  const { description = '', default: standard } = schema;
  const object = [schema, ...(schema.anyOf ?? [])].find(({ properties }) => properties !== undefined);
  const elsewhere = ELSEWHERE[path];
  const row =
    `| \`${path}\` | ${elsewhere ?? values(schema)} | ${standard === undefined ? '' : code(standard)} | ` +
    `${[description, object === schema ? '' : object?.description].filter(Boolean).join(' ').replaceAll('|', '\\|')} |`;
  if (elsewhere !== undefined) return [row];
  return [
    row,
    ...Object.entries(object?.properties ?? {}).flatMap(([key, inner]) => rows(inner, `${path}.${key}`)),
  ];
}

export const lensKeys = (): string =>
  [
    '\n',
    '| key | what may be written | left out | meaning |',
    '|---|---|---|---|',
    ...Object.entries(lensSchema().properties ?? {}).flatMap(([key, inner]) => rows(inner, key)),
    '\n',
  ]
    .join('\n')
    .replace('\n\n\n|', '\n\n|');

const FILE = 'protocol/lens.schema.json';
const CHECK_FILE = 'protocol/check.schema.json';

/** @returns the names of those that were not up to date */
export const writeLensSchemas = async (): Promise<readonly string[]> => [
  ...(await bring(FILE, () => json(FILE, lensSchema()))),
  ...(await bring(CHECK_FILE, () => json(CHECK_FILE, checkFileSchema))),
];
