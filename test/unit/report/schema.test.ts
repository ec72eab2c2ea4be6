/** protocol/report.schema.json says exactly what protocol/report.ts says. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv';
import type {
  CamMethod,
  DetectorId,
  DeviceName,
  HealthMark,
  Report,
  WarningCode,
} from '../../../protocol/report';
import { writeReportCheck } from '../../../scripts/report-check.mjs';
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
    onProcessor: [{ operator: 'Less', nodes: 1, bytes: 17 }],
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
  const paths = [...objects(referenceRun)];
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

test('the check that readers use is generated from this schema', async () => {
  const changed = await writeReportCheck();
  assert.ok(!changed, 'protocol/report-check.ts was not up to date and is now: commit it');
});

test('wrong values are refused', () => {
  const wrong: readonly (readonly [path: readonly (string | number)[], value: unknown])[] = [
    [['version'], 2],
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

test('every enumeration has the same words as its type', () => {
  const warnings = {
    'untrained-weights': 1,
    'estimated-landmarks': 1,
    'no-landmarks': 1,
    'small-face': 1,
    'crop-clamped': 1,
    stretched: 1,
    'value-range': 1,
    'blank-cams': 1,
    'non-finite': 1,
    'several-faces': 1,
    'doubtful-face': 1,
    'alpha-dropped': 1,
    'first-frame-only': 1,
    'colour-profile-ignored': 1,
    'device-fallback': 1,
    'partly-on-processor': 1,
    'architecture-assumed': 1,
    undecided: 1,
    'one-logit': 1,
    'multi-label': 1,
    'outputs-taken-as-probabilities': 1,
    'not-probabilities': 1,
    'pipeline-borrowed': 1,
    'several-state-dicts': 1,
    'renamed-head': 1,
    'left-aside': 1,
    'unknown-names': 1,
    'layers-left-out': 1,
    'not-cached': 1,
  } satisfies Record<WarningCode, 1>;
  const methods = {
    gradcam: 1,
    'gradcam++': 1,
    xgradcam: 1,
    hirescam: 1,
    layercam: 1,
    elementwise: 1,
  } satisfies Record<CamMethod, 1>;
  const devices = { cpu: 1, cuda: 1, webgpu: 1, directml: 1, coreml: 1 } satisfies Record<DeviceName, 1>;
  const detectors = {
    blazeface: 1,
    'retinaface-resnet50': 1,
    'retinaface-mobilenet0.25': 1,
    none: 1,
    box: 1,
  } satisfies Record<DetectorId, 1>;
  const health = {
    nan: 1,
    inf: 1,
    dead: 1,
    constant: 1,
    'blank-cam': 1,
    'single-pixel': 1,
  } satisfies Record<HealthMark, 1>;
  const top = {
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
  } satisfies Record<keyof Report, 1>;

  const enumAt = (definition: string, ...path: string[]): readonly string[] =>
    path.reduce<unknown>(
      (at, key) => (at as Record<string, unknown>)[key],
      schema.definitions[definition],
    ) as readonly string[];
  const same = (actual: readonly string[], expected: object) =>
    assert.deepEqual([...actual].sort(), Object.keys(expected).sort());
  same(enumAt('warning', 'properties', 'code', 'enum'), warnings);
  same(enumAt('camMethod', 'enum'), methods);
  same(enumAt('deviceName', 'enum'), devices);
  same(enumAt('detection', 'properties', 'detector', 'enum'), detectors);
  same(enumAt('layer', 'properties', 'health', 'items', 'enum'), health);
  same(Object.keys(schema.properties), top);
});
