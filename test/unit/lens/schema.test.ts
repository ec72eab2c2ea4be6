/** The schema that editors are given is the one that lenses are checked against. A test that finds it older writes it anew, and fails once. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv';
import { format } from 'prettier';
import type { Schema } from '../../../server/src/lens/json-schema';
import { builtInLens, builtInLenses } from '../../../server/src/lens/lens-file';
import { lensSchema } from '../../../server/src/lens/schema';
import { root } from '../../support/cli';

/** Every keyword that is understood: a schema with another would be checked less than it says. */
const schemaKeywords: ReadonlySet<string> = new Set<keyof Schema>([
  ...(['title', 'description', 'type', 'enum', 'const', 'default', 'examples'] as const),
  ...(['properties', 'required', 'additionalProperties', 'items', 'minItems', 'maxItems'] as const),
  ...(['uniqueItems', 'minLength', 'maxLength', 'minimum', 'maximum'] as const),
  ...(['exclusiveMinimum', 'exclusiveMaximum', 'anyOf'] as const),
]);

test('protocol/lens.schema.json is the schema', async () => {
  const file = join(root, 'protocol', 'lens.schema.json');
  const wanted = await format(JSON.stringify(lensSchema()), { parser: 'json', printWidth: 110 });
  let found = '';
  try {
    found = readFileSync(file, 'utf8');
  } catch {
    // written below
  }
  if (found !== wanted) writeFileSync(file, wanted);
  assert.equal(found, wanted, 'protocol/lens.schema.json was older and has been written anew: commit it');
});

test('it says nothing that the checks here would pass over', () => {
  const walk = (schema: Schema, path: string): void => {
    for (const key of Object.keys(schema)) assert.ok(schemaKeywords.has(key), `${path}: ${key}`);
    for (const [name, inner] of Object.entries(schema.properties ?? {})) walk(inner, `${path}.${name}`);
    for (const inner of schema.anyOf ?? []) walk(inner, path);
    if (schema.items !== undefined) walk(schema.items, `${path}[]`);
  };
  walk(lensSchema(), 'lens');
});

test('another validator agrees: it takes every built-in lens, and refuses an unknown key', () => {
  const validate = new Ajv({ strict: true, allowUnionTypes: true, strictTypes: false }).compile(lensSchema());
  for (const name of builtInLenses()) assert.ok(validate(builtInLens(name)?.lens), name);
  assert.equal(validate({ labls: [] }), false);
});
