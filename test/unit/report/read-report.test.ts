/** What is taken as a report and what is refused, with the words for it: the same for engine, server, extension and panel. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import Ajv from 'ajv';
import { parseReport } from '../../../protocol/read-report';
import { checkReportForm } from '../../../protocol/report-check';
import { Random } from '../../../bench/fuzz/random';
import { toJson } from '../../../server/src/report/json';
import { reportCheckSource } from '../../../scripts/report-check.mjs';
import { sharedFile } from '../../support/shared';
import { version1 } from '../../support/version-1';
import { root } from '../../support/cli';
import { referenceRun } from './reference-run';

type Path = readonly (string | number)[];

/** The reference run with another value at a path; undefined takes it out. */
function changed(path: Path, value: unknown): unknown {
  const copy = structuredClone(referenceRun) as unknown as Record<string | number, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  const last = path.at(-1)!;
  if (value === undefined) Reflect.deleteProperty(at, last);
  else at[last] = value;
  return copy;
}

const faultOf = (json: string): string | null => {
  const read = parseReport(json);
  if (!read.ok) assert.ok(read.fix.length > 0 && !/[\u0000-\u001f]/.test(read.fault));
  return read.ok ? null : read.fault;
};

test('what this program writes is taken, of any age, and with parts of a program to come', () => {
  assert.equal(faultOf(toJson(referenceRun)), null);
  for (const [path, value] of [
    [['surprise'], { deep: [1] }],
    [['layers', 0, 'surprise'], 'x'],
    [['classifier', 'probabilities'], null],
    [['classifier', 'predicted'], { index: null, label: 'undecided' }],
    [
      ['classifier', 'logits'],
      ['NaN', 'Infinity'],
    ],
    [['layers', 3, 'activation', 'max'], '-Infinity'],
    [['input', 'path'], 'C:\\pictures\\of another system.png'],
  ] as const)
    assert.equal(faultOf(toJson(changed(path, value))), null, path.join('.'));
});

test('a report of version 1 is read as one of version 2 that recorded no steps', () => {
  const placement = {
    providers: [{ provider: 'webgpu', nodes: 9 }],
    onCpu: [{ operator: 'Less', nodes: 1, bytes: 17 }],
    copies: { nodes: 2, bytes: 10 },
  };
  const codes = ['color-profile-ignored', 'partly-on-cpu', 'small-face'] as const;
  const { steps, ...preprocess } = referenceRun.preprocess;
  assert.ok(steps.length > 0);
  const current = {
    ...referenceRun,
    device: { ...referenceRun.device, placement },
    detection: { ...referenceRun.detection, device: { provider: 'webgpu', placement } },
    warnings: codes.map((code) => ({ code, message: 'a message', layers: [] })),
  };
  const json = version1(toJson({ ...current, preprocess }));
  assert.ok(
    json.includes('"version": 1') && json.includes('"colourSpace"') && json.includes('"onProcessor"'),
  );
  const read = parseReport(json);
  assert.ok(read.ok, read.ok ? '' : read.fault);
  assert.deepEqual(read.report, JSON.parse(toJson({ ...current, preprocess: { steps: [], ...preprocess } })));
  const broken = parseReport(version1(toJson({ ...current, preprocess: null })));
  assert.ok(!broken.ok && broken.fault.includes('"preprocess"'));
});

describe('wrong values are refused by their place, what was expected and what was found', () => {
  const [{ shape }] = referenceRun.layers as [(typeof referenceRun.layers)[number]];
  const cases: readonly (readonly [path: Path, value: unknown, fault: RegExp])[] = [
    [['version'], 3, /version 2, found 3: it was written by a newer Inference Lens/],
    [['version'], 0, /version 2, found 0: it was written by an older Inference Lens/],
    [['version'], '1', /version 2, found "1"/],
    [['version'], undefined, /version 2, found nothing/],
    [
      ['model'],
      {},
      /"model\.name" to be a string; found nothing\. It was written by Inference Lens .*too old/,
    ],
    [['input', 'path'], {}, /"input\.path" to be a string; found an object/],
    [['input', 'bytes'], 0, /"input\.bytes" to be a whole number, at least 1; found 0/],
    [['layers', 7, 'shape'], undefined, /"layers\[7\]\.shape" to be a list.*found nothing/],
    [['layers', 2, 'shape', 1], 1.5, /"layers\[2\]\.shape\[1\]" to be a whole number.*found 1\.5/],
    [['layers', 1, 'name'], referenceRun.layers[0]?.name, /"layers\[1\]\.name" to be a name that no other/],
    [
      ['layers', 0, 'shape'],
      [1, 2 ** 20, 2 ** 20, 8],
      /"layers\[0\]\.shape" to be at most 2147483648 values/,
    ],
    [['layers', 0, 'shape', 3], (shape[3] ?? 0) + 1, /"layers\[0\]\.activation\.map" to be .* as the shape/],
    [['layers', 0, 'channelWeights', 'width'], 2 ** 40, /"layers\[0\]\.channelWeights" to be/],
    [['layers', 0, 'channelWeights', 'offset'], 2 ** 53 - 4, /"layers\[0\]\.channelWeights" to be/],
    [['layers', 0, 'heatmaps', 0, 'method'], 'layercam', /"layers\[0\]\.heatmaps\[0\]\.method" to be one of/],
    [['mapsFile'], '../../etc/passwd', /"mapsFile" to be a path below the report's folder; found "\.\./],
    [['mapsFile'], 'a\n/../../etc/passwd', /"mapsFile" to be a path below/],
    [['mapsFile'], 'C:maps.bin', /"mapsFile" to be a path below/],
    [['mapsFile'], 'a\0', /"mapsFile" to be a path below/],
    [['mapsFile'], 'x'.repeat(2000), /"mapsFile" to be a path below/],
    [['layers', 5, 'activation', 'picture'], '/dev/zero', /"layers\[5\]\.activation\.picture" to be a path/],
    [['input', 'width'], 1e9, /"input\.height" to be at most 100000000 pixels/],
    [['detection', 'crop', 'size'], 1e9, /"detection\.crop\.size" to be at most/],
    [['detection', 'crop', 'box'], [0, 0, 1e6, 10], /"detection\.crop\.box" to be whole pixels inside/],
    [['detection', 'crop', 'box'], [5, 5, 5, 9], /"detection\.crop\.box" to be whole pixels inside/],
    [['target', 'index'], 2, /"target\.index" to be below 2/],
    [['classifier', 'predicted', 'index'], 9, /"classifier\.predicted\.index" to be below 2/],
    [['classifier', 'probabilities'], [1], /"classifier\.probabilities" to be a list of 2/],
    [['classifier', 'logits'], [1, 2, 3], /"classifier\.logits" to be a list of 2/],
    [['methods'], ['gradcam', 'gradcam'], /"methods" to be a list without duplicates/],
    [
      ['warnings'],
      Array.from({ length: 1001 }, () => ({ code: 'stretched', message: '', layers: [] })),
      /"warnings"/,
    ],
    [['timestamp'], 'yesterday', /"timestamp" to be a time such as .*; found "yesterday"/],
    [['device', 'passedOver'], null, /"device\.passedOver" to be a list; found null/],
  ];
  for (const [path, value, fault] of cases)
    test(`${path.join('.')}: ${JSON.stringify(value ?? null).slice(0, 40)}`, () => {
      assert.match(faultOf(toJson(changed(path, value))) ?? 'taken', fault);
    });
});

describe('texts that are no report', () => {
  const inside = (value: string) => toJson(referenceRun).replace('"warnings"', `"x": ${value}, "warnings"`);
  const cases: readonly (readonly [title: string, json: string, fault: RegExp])[] = [
    ['nothing', '', /expected JSON/],
    ['half of one', toJson(referenceRun).slice(0, 5000), /expected JSON/],
    ['a list', '[]', /expected a report object, found an empty list/],
    ['null', 'null', /found null/],
    ['100,000 levels', '['.repeat(100_000) + ']'.repeat(100_000), /nesting of more than 32 levels/],
    ['as many objects', '{"a":'.repeat(100_000), /nesting of more than 32 levels/],
    ['levels inside a report', inside('['.repeat(100_000) + ']'.repeat(100_000)), /nesting/],
    ['brackets in a text are no levels', inside(JSON.stringify('\\"[[['.repeat(900))), /^$/],
    ['too many values', `[${'0,'.repeat(4_000_001)}0]`, /more than 4000000 values/],
    ['a long text', inside(JSON.stringify('x'.repeat(70_000))), /a string of more than 65536 characters/],
    [
      'a number without end',
      toJson(changed(['target', 'index'], 1)).replace(/"milliseconds": [\d.]+/, '"milliseconds": 1e999'),
      /"timings\[0\]\.milliseconds" to be a number, at least 0; found Infinity/,
    ],
    [
      'members of Object',
      '{"version":1,"__proto__":{"processId":"x"},"constructor":1}',
      /"processId".*found nothing/,
    ],
    ['escape sequences', '{"version":"\\u001b[31m"}', /found "\\u001b\[31m"/],
  ];
  for (const [title, json, fault] of cases)
    test(title, () => {
      assert.match(faultOf(json) ?? '', fault);
    });
});

/** Of ../shared/cases, with what each is refused for. */
const shared: Readonly<Record<string, RegExp>> = {
  'host-hang-dev-zero': /"input\.bytes".*found 0/,
  'layerdetails-crop-size-1e9': /"detection\.crop\.size".*found 1000000000/,
  'layerdetails-maps-dev-zero': /"mapsFile".*dev\/zero/,
  'layerdetails-maps-outside': /"mapsFile".*etc\/passwd/,
  'layers-missing-shape': /"layers\[0\]\.name".*found nothing/,
  'no-model': /"model\.name".*found nothing/,
  'panel-blank-input-path-object': /"input\.path".*found an object/,
};
for (const [name, fault] of Object.entries(shared))
  test(`the case ${name}`, (t) => {
    const file = sharedFile(t, `cases/reliability/reports/${name}.json`);
    if (file !== null) assert.match(faultOf(readFileSync(file, 'utf8')) ?? 'taken', fault);
  });

describe('the generated check', () => {
  const schema = JSON.parse(readFileSync(join(root, 'protocol', 'report.schema.json'), 'utf8')) as object;

  test('says of 3,000 changed reports what the schema says by another validator', () => {
    // A reader passes over what it does not know; for the writer the schema forbids it.
    const open = JSON.parse(JSON.stringify(schema).replaceAll(',"additionalProperties":false', '')) as object;
    const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(open);
    const values = [
      null,
      true,
      0,
      -1,
      1.5,
      4,
      9,
      '',
      'a',
      'NaN',
      'auto',
      'gradcam',
      [],
      [1],
      {},
      { a: 1 },
      '../x',
    ];
    const tally = { taken: 0, refused: 0 };
    for (let seed = 0; seed < 3000; seed++) {
      const random = new Random(5, seed);
      const path = placeIn(referenceRun, random);
      const report: unknown = JSON.parse(
        toJson(changed(path, random.below(6) === 0 ? undefined : random.pick(values))),
      );
      const taken = validate(report);
      tally[taken ? 'taken' : 'refused']++;
      assert.equal(checkReportForm(report) === null, taken, `${seed}: ${path.join('.')}`);
    }
    assert.ok(tally.taken > 200 && tally.refused > 1000, JSON.stringify(tally));
  });

  test('is not made of a schema that says more than it knows', async () => {
    const of = (definition: object) =>
      reportCheckSource({ definitions: { part: definition }, type: 'object' });
    await assert.rejects(
      of({ type: 'string', format: 'date' }),
      /#\/definitions\/part: .* does not know format/,
    );
    await assert.rejects(of({ type: 'array', items: { not: {} } }), /part\/items: .* not know/);
    await assert.rejects(of({ $ref: '#/definitions/gone' }), /There is no #\/definitions\/gone/);
    assert.match(
      await of({ type: ['integer', 'null'], minimum: 2 }),
      /either\(number\(\{ whole: true, least: 2 \}\), oneOf\(null\)\)/,
    );
  });
});

/** The path of some value, at any depth. */
function placeIn(value: unknown, random: Random): Path {
  const keys = Array.isArray(value)
    ? [...value.keys()]
    : value !== null && typeof value === 'object'
      ? Object.keys(value)
      : [];
  const key = keys.length === 0 ? undefined : random.pick<string | number>(keys);
  if (key === undefined) return [];
  const child = (value as Record<string | number, unknown>)[key];
  const deeper = random.below(5) === 0 ? [] : placeIn(child, random);
  return [key, ...deeper];
}
