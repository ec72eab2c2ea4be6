/** The schema of a lens: every keyword is one that is checked, other validators agree, and its defaults are those of the analysis. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Ajv from 'ajv';
import type { Schema } from '../../../server/src/lens/json-schema';
import { builtInLens, builtInLenses } from '../../../server/src/lens/lens-file';
import { DEFAULTS, loadPlan } from '../../../server/src/lens/resolve';
import { lensSchema } from '../../../server/src/lens/schema';
import { THRESHOLD } from '../../../server/src/pipeline/network/activation';

/** Every keyword that is understood: a schema with another would be checked less than it says. */
const schemaKeywords: ReadonlySet<string> = new Set<keyof Schema>([
  ...(['title', 'description', 'type', 'enum', 'const', 'default', 'examples'] as const),
  ...(['properties', 'required', 'additionalProperties', 'items', 'minItems', 'maxItems'] as const),
  ...(['uniqueItems', 'minLength', 'maxLength', 'minimum', 'maximum'] as const),
  ...(['exclusiveMinimum', 'exclusiveMaximum', 'anyOf'] as const),
]);

test('what a lens leaves out is what the analysis takes', () => {
  const { activation, threshold } = loadPlan([]);
  const standard = (...path: readonly string[]): unknown =>
    path.reduce<Schema | undefined>(
      (at, key) => [at, ...(at?.anyOf ?? [])].find((each) => each?.properties?.[key])?.properties?.[key],
      lensSchema(),
    )?.default;
  assert.deepEqual(standard('target'), DEFAULTS.values.target?.value);
  assert.deepEqual(standard('methods'), DEFAULTS.values.methods?.value);
  assert.deepEqual(standard('detector', 'crop'), DEFAULTS.values['detector.crop']?.value);
  assert.deepEqual(
    [standard('output', 'activation'), standard('output', 'threshold')],
    [activation, threshold ?? THRESHOLD],
  );
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
