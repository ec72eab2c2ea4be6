/**
 * No field of a lens is obeyed behind the cache's back: whatever is changed, the graph's key or the tensor changes with it, or the network
 * proves it and the lens is refused. What shapes neither leaves the key alone. Fields are the schema's: a new one has to be added here.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { checkSteps } from '../../../protocol/check-steps';
import type { Lens, LensStep } from '../../../protocol/lens';
import { STEP_IDS, STEPS } from '../../../protocol/steps';
import type { Parameters } from '../../../protocol/step-parameters';
import { decodeImage } from '../../../server/src/imaging/decode';
import { Kernels } from '../../../server/src/imaging/kernels';
import type { Schema } from '../../../server/src/lens/json-schema';
import { lensSchema } from '../../../server/src/lens/schema';
import type { Model } from '../../../server/src/onnx/model';
import { writeModel } from '../../../server/src/onnx/write';
import { findFace } from '../../../server/src/pipeline/face/find-face';
import { beginRun } from '../../../server/src/pipeline/run-context';
import { pixelsOf, prepareInput, regionFor } from '../../../server/src/pipeline/steps/preprocess';
import { runSteps } from '../../../server/src/pipeline/steps/run-steps';
import { Workbench } from '../../../server/src/pipeline/workbench/workbench';
import { samplePath } from '../../support/cli';
import { DEFAULT_OPTIONS } from '../../support/default-options';
import { smallClassifier } from '../../support/small-classifier';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('lens-cache');
const bench = new Workbench(join(folder, 'cache'));
after(() => bench.dispose());

/** Of any size, with its logits beside its probabilities. */
function openClassifier(spoil?: number): Model {
  const model = smallClassifier(spoil === undefined ? {} : { spoil });
  const [image] = model.graph.inputs;
  const inputs = [{ ...image!, dims: [1, 3, 'height', 'width'] }];
  const outputs = [...model.graph.outputs, { name: 'logits', type: 'float32' as const, dims: [1, 3] }];
  return { ...model, graph: { ...model.graph, inputs, outputs } };
}
before(async () => {
  await writeModel(openClassifier(), join(folder, 'one.onnx'));
  await writeModel(openClassifier(2), join(folder, 'two.onnx'));
});
const decoded = decodeImage(samplePath);

type Written = Lens & Readonly<Record<string, unknown>>;

const base: Written = {
  ...{ $schema: 'here', description: 'a lens', model: 'one.onnx', labels: ['a', 'b', 'c'] },
  detector: { use: 'blazeface', crop: 'square' },
  preprocess: [{ step: 'resize' }, { step: 'rescale' }],
  input: { layout: 'NCHW', type: 'float32', size: 64, range: [0, 1] },
  output: { name: 'probabilities', activation: 'softmax', threshold: 0.5 },
  ...{ target: 'a', layers: ['conv*'], methods: ['gradcam'] },
};

type Shapes = 'key' | 'tensor' | 'neither' | 'refused';

/** Another value of each field, and what has to change with it. */
const CHANGES: Readonly<Record<string, readonly [value: unknown, shapes: Shapes]>> = {
  $schema: ['there', 'neither'],
  description: ['the lens', 'neither'],
  model: ['two.onnx', 'key'],
  labels: [['a', 'b', 'd'], 'neither'],
  'detector.use': ['none', 'tensor'],
  'detector.crop': ['sbi', 'tensor'],
  preprocess: [[{ step: 'resize', filter: 'bicubic' }, { step: 'rescale' }], 'tensor'],
  'input.layout': ['NHWC', 'refused'],
  'input.type': ['uint8', 'refused'],
  'input.size': [48, 'key'],
  'input.range': [[-1, 1], 'neither'],
  'output.name': ['logits', 'key'],
  'output.activation': ['none', 'key'],
  'output.threshold': [0.7, 'key'],
  target: ['b', 'neither'],
  layers: [['conv1'], 'key'],
  methods: [['layercam'], 'key'],
  expect: [{ healthy: ['conv*'] }, 'neither'],
};

/** The places in a lens at which one value stands; steps are one, and what checks expect is one. */
function fieldsOf(schema: Schema, path = ''): readonly string[] {
  const { properties } = [schema, ...(schema.anyOf ?? [])].find((each) => each.properties) ?? {};
  if (properties === undefined || path === 'expect') return [path];
  return Object.entries(properties).flatMap(([name, inner]) =>
    fieldsOf(inner, path === '' ? name : `${path}.${name}`),
  );
}

function changed(path: string, value: unknown): Written {
  const [first = '', second] = path.split('.');
  return {
    ...base,
    [first]: second === undefined ? value : { ...(base[first] as object), [second]: value },
  };
}

interface Outcome {
  /** Whether a graph of the same key is in the cache. */
  readonly cached: boolean;
  readonly tensor: string;
}

const hashOf = (data: Float32Array): string =>
  createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');

let written = 0;

/** What an analysis with this lens would load, and feed. */
async function outcome(lens: Written, make = false): Promise<Outcome> {
  const path = join(folder, `${written++}.lens.json`);
  writeFileSync(path, JSON.stringify(lens));
  const options = { ...DEFAULT_OPTIONS, lens: path, device: 'cpu' as const };
  // An image that is not there: nothing is loaded ahead.
  const run = await beginRun(join(folder, 'none.png'), options, bench, {});
  const { weights, prepare, placement, lens: chosen } = run;
  if (make) await bench.classifier(weights, prepare, placement);
  const cached = await bench.isPrepared(weights, prepare, placement);
  const network = await weights.load({
    inputSize: prepare.inputSize,
    outputName: prepare.outputName ?? null,
  });
  const fitted = await chosen.resolve({
    ...{ architecture: network.id, classes: network.classes, logits: network.classes },
    inputShape: network.input.shape,
    ...{ proved: network.proved, metadata: network.metadata },
  });
  const portrait = await decoded;
  const detection = await findFace(run, portrait);
  const [, , height = 0, width = 0] = network.input.shape;
  const { tensor } = prepareInput(regionFor(portrait.image, detection, fitted), fitted, { width, height });
  return { cached, tensor: hashOf(tensor.data) };
}

test('every field of the schema is changed here, and no other', () => {
  assert.deepEqual(Object.keys(CHANGES).toSorted(), fieldsOf(lensSchema()).toSorted());
});

describe('each field in turn', () => {
  let unchanged: Outcome;
  before(async () => {
    unchanged = await outcome(base, true);
    assert.ok(unchanged.cached);
  });
  for (const [path, [value, shapes]] of Object.entries(CHANGES))
    test(`${path}: ${shapes}`, async () => {
      if (shapes === 'refused') {
        await assert.rejects(outcome(changed(path, value)), { kind: 'usage' });
        return;
      }
      const { cached, tensor } = await outcome(changed(path, value));
      assert.equal(!cached, shapes === 'key', 'whether the key is another one');
      if (shapes === 'tensor') assert.notEqual(tensor, unchanged.tensor);
      if (shapes === 'neither') assert.equal(tensor, unchanged.tensor);
    });
});

/** Steps in which a parameter can make a difference: each is tried with every other value that fits. */
const CONTEXTS: { readonly [Id in (typeof STEP_IDS)[number]]: readonly Readonly<Record<string, unknown>>[] } =
  {
    resize: [
      {},
      { size: 21, fit: 'shorter', like: 'torch', antialias: true },
      { size: [21, 30], fit: 'letterbox' },
    ],
    crop: [{}, { size: 21 }, { fraction: 0.5 }, { border: 3 }, { size: 90 }],
    pad: [{}, { size: 90 }, { to: 'multiple', multiple: 32 }, { size: 80, mode: 'constant' }],
    jpeg: [{}],
    channels: [{ order: 'gray' }],
    rescale: [{}],
    normalize: [{ mean: 0.4 }],
    wavelet: [{}],
  };

const OTHERS: Readonly<Record<string, readonly unknown[]>> = {
  size: [11, [13, 17]],
  flag: [true, false],
  number: [0.7, 5],
  'per-channel': [0.3, 7, [1, 2, 3]],
};

const [WIDTH, HEIGHT] = [61, 47];
const picture = pixelsOf({
  ...{ width: WIDTH, height: HEIGHT },
  data: Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, i) => (i * i * 31 + (i % 97) * 7) % 256),
});
const kernels = new Kernels();

/** Of one step, with what it needs before it; null where these parameters do not go together. */
function tensorOf(id: string, parameters: object): string | null {
  const first: readonly LensStep[] =
    STEPS[id as keyof typeof STEPS].takes === 'float32' ? [{ step: 'rescale' }] : [];
  const checked = checkSteps([...first, { step: id, ...parameters }, { step: 'rescale', factor: 0.5 }]);
  if (!checked.ok) return null;
  try {
    const { tensor } = runSteps(picture, checked.steps, { input: { width: 96, height: 72 }, kernels });
    return `${tensor.dims.join('x')} ${hashOf(tensor.data)}`;
  } catch {
    return null;
  }
}

describe('each parameter of a step in turn: the tensor changes', () => {
  for (const id of STEP_IDS)
    for (const [name, parameter] of Object.entries(STEPS[id].parameters as Parameters))
      test(`${id}.${name}`, () => {
        const values: readonly unknown[] =
          parameter.kind === 'choice' ? parameter.values : (OTHERS[parameter.kind] ?? []);
        const differs = CONTEXTS[id].some((context) => {
          const tensors = [context, ...values.map((value) => ({ ...context, [name]: value }))].map((each) =>
            tensorOf(id, each),
          );
          return new Set(tensors.filter((each) => each !== null)).size > 1;
        });
        assert.ok(differs, `no value of ${name} changes anything in the contexts that are tried`);
      });
});
