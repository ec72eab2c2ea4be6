/** protocol/report.schema.json says exactly what protocol/report.ts says. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv';
import type { Report } from '../../../protocol/report';
import { toJson } from '../../../server/src/report/json';
import { referenceRun } from './reference-run';

interface Schema {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly definitions: Readonly<Record<string, never>>;
}

const schema = JSON.parse(
  readFileSync(join(__dirname, '..', '..', '..', 'protocol', 'report.schema.json'), 'utf8'),
) as Schema;
const validate = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema);

function problems(report: unknown): string[] {
  validate(JSON.parse(toJson(report)));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

const changed = (path: readonly (string | number)[], value: unknown): unknown => {
  const copy = structuredClone(referenceRun) as unknown as Record<string | number, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  const last = path.at(-1)!;
  if (value === undefined) Reflect.deleteProperty(at, last);
  else at[last] = value;
  return copy;
};

test('the reference run is valid, with nulls and spelt-out numbers too', () => {
  assert.deepEqual(problems(referenceRun), []);
  assert.deepEqual(problems(changed(['preprocess', 'wavelet'], null)), []);
  assert.deepEqual(problems(changed(['detection', 'faces', 0, 'landmarks'], null)), []);
  assert.deepEqual(problems(changed(['classifier', 'logits', 0], Number.NaN)), []);
  assert.deepEqual(problems(changed(['layers', 0, 'activation', 'max'], -Infinity)), []);
  const warning = { code: 'blank-cams', message: 'x', layers: ['fc'] };
  assert.deepEqual(problems(changed(['warnings', 0], warning)), []);
  const passedOver = { provider: 'cuda', reason: 'no driver', present: false };
  assert.deepEqual(problems(changed(['device', 'passedOver', 0], passedOver)), []);
  const placement = {
    providers: [{ provider: 'webgpu', nodes: 9 }],
    onCpu: [{ operator: 'Less', nodes: 1, bytes: 17 }],
    copies: { nodes: 2, bytes: 10 },
  };
  assert.deepEqual(problems(changed(['device', 'placement'], placement)), []);
  for (const key of Object.keys(placement))
    assert.notDeepEqual(problems(changed(['device', 'placement'], { ...placement, [key]: undefined })), []);
  const detector = (device: unknown) => problems(changed(['detection', 'device'], device));
  assert.deepEqual(detector({ provider: 'cpu' }), []);
  assert.deepEqual(detector({ provider: 'webgpu', placement }), []);
  assert.notDeepEqual(detector({ placement }), []);
  assert.notDeepEqual(detector({ provider: 'tpu' }), []);
});

/** Every object of the report, by path: none may lack a field or have one more. */
function* objects(value: unknown, path: (string | number)[] = []): Generator<(string | number)[]> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    if (value.length > 0) yield* objects(value[0], [...path, 0]);
    return;
  }
  yield path;
  for (const [key, child] of Object.entries(value)) yield* objects(child, [...path, key]);
}

test('every field is required and no other is allowed, at every depth', () => {
  const paths = [...objects(referenceRun)].filter((path) => path.at(-1) !== 'config'); // has its step's parameters
  assert.ok(paths.length > 20);
  for (const path of paths) {
    const here = path.reduce<unknown>(
      (at, key) => (at as Record<string | number, unknown>)[key],
      referenceRun,
    );
    for (const key of Object.keys(here as object)) {
      assert.notDeepEqual(
        problems(changed([...path, key], undefined)),
        [],
        `without ${[...path, key].join('.')}`,
      );
    }
    assert.notDeepEqual(problems(changed([...path, 'surprise'], 1)), [], `surprise in ${path.join('.')}`);
  }
});

test('wrong values are refused', () => {
  const wrong: readonly (readonly [path: readonly (string | number)[], value: unknown])[] = [
    [['version'], 3],
    [['timestamp'], '2025-12-01 18:12:54'],
    [['mapsFile'], '/etc/passwd'],
    [['mapsFile'], 'a/../../b'],
    [['mapsFile'], 'a\\b'],
    [['model', 'sha256'], 'abc'],
    [['input', 'exifOrientation'], 9],
    [['classifier', 'confidence'], 1.5],
    [['layers', 0, 'activation', 'mean'], 'nan'],
    [['methods'], []],
    [['detection', 'faces'], []],
    [['layers', 0, 'channelWeights', 'offset'], 2],
  ];
  for (const [path, value] of wrong) assert.notDeepEqual(problems(changed(path, value)), [], path.join('.'));
});

test('a report has the parts that its type has', () => {
  const parts = {
    version: 1,
    processId: 1,
    timestamp: 1,
    pipeline: 1,
    software: 1,
    device: 1,
    model: 1,
    input: 1,
    detection: 1,
    preprocess: 1,
    target: 1,
    methods: 1,
    layers: 1,
    mapsFile: 1,
    classifier: 1,
    warnings: 1,
    timings: 1,
    options: 1,
    notCached: 1,
    undrawn: 1,
    lens: 1,
  } satisfies Record<keyof Report, 1>;
  assert.deepEqual(Object.keys(schema.properties).sort(), Object.keys(parts).sort());
});
