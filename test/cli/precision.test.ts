/** A quantized file by a user's way: verdict of the file, maps of its float equivalent for the same class, and a warning where they differ. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Report } from '../../protocol/report';
import { float32Tensor, GraphBuilder } from '../../server/src/onnx/builder';
import type { ConstantTensor } from '../../server/src/onnx/model';
import { encodeModel } from '../../server/src/onnx/write';
import { PREDICTED } from '../../server/src/explain/target';
import { resolveWeights } from '../../server/src/pipeline/network/weights';
import { Workbench } from '../../server/src/pipeline/workbench/workbench';
import { samplePath } from '../support/cli';
import { residentCli } from '../support/resident-cli';
import { readyLens } from '../support/lens';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('precision');
const CLASSES = 3;

/** image -> Conv -> mean -> Gemm whose bias decides -> logits, rounded to steps of `step`; `codes` leaves them integers. */
function network(step: number, bias: readonly number[], codes = false): string {
  const g = new GraphBuilder('quantized');
  const c = (tensor: ConstantTensor): string => g.constant('c', tensor);
  const image = g.input('image', 'float32', [1, 3, 16, 16]);
  const kernel = Float32Array.from({ length: 4 * 27 }, (_, i) => Math.sin(i + 1) / 9);
  const features = g.node('Relu', [
    g.node('Conv', [image, c(float32Tensor([4, 3, 3, 3], kernel))], {}, 'features'),
  ]);
  const flat = g.node('Flatten', [g.node('GlobalAveragePool', [features])]);
  const head = float32Tensor(
    [4, CLASSES],
    Float32Array.from({ length: 12 }, (_, i) => Math.cos(i) / 1e3),
  );
  const logits = g.node('Gemm', [flat, c(head), c(float32Tensor([CLASSES], bias))]);
  const zero = c({ type: 'int8', dims: [], data: new Uint8Array(1) });
  const scale = c(float32Tensor([], [step]));
  const rounded = g.node('QuantizeLinear', [logits, scale, zero]);
  if (codes) g.output(rounded, 'int8', [1, CLASSES]);
  else g.output(g.node('DequantizeLinear', [rounded, scale, zero], {}, 'logits'), 'float32', [1, CLASSES]);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `step-${step}${codes ? '-codes' : ''}.onnx`);
  writeFileSync(path, encodeModel(g.model({}, 13)));
  return path;
}

async function analyze(weights: string): Promise<{ report: Report; markdown: string }> {
  const output = join(folder, 'reports');
  const options = [
    '--pipeline',
    'imagenet',
    '--detector',
    'none',
    '--device',
    'cpu',
    '--output',
    output,
    '--json',
  ];
  const { code, stdout, stderr } = await residentCli([
    'analyze',
    samplePath,
    '--weights',
    weights,
    ...options,
  ]);
  assert.equal(code, 0, stderr);
  const { folder: written, report } = JSON.parse(stdout.trim().split('\n')[0] ?? '') as {
    folder: string;
    report: Report;
  };
  return { report, markdown: readFileSync(join(written, 'report.md'), 'utf8') };
}

test('where both decide for the same class, the distance is told', async () => {
  const { report, markdown } = await analyze(network(1 / 64, [1, 0.2, 0]));
  const { precision, logits, predicted } = report.classifier;
  assert.ok(precision);
  assert.deepEqual([precision.kind, precision.sameClass], ['quantized', true]);
  assert.deepEqual(precision.fileLogits, logits);
  assert.deepEqual(precision.beyondRange, { tensors: 0, of: 1, most: null });
  assert.ok(logits.every((value) => Number.isInteger(Number(value) * 64)));
  assert.ok((precision.distance ?? 1) > 0 && (precision.distance ?? 1) < 0.05);
  assert.equal(predicted.index, report.target.index);
  assert.ok(report.warnings.some(({ code }) => code === 'float-equivalent'));
  assert.match(markdown, /- Logits of the float32 equivalent: \[.+, .+, .+\]/);
  assert.match(markdown, /- Distance of the logits \(relative L2\): 0\.\d/);
});

test('where rounding changes the class, the maps are of the file’s, and the report warns', async () => {
  const { report, markdown } = await analyze(network(1, [0.6, 0.9, 0.1]));
  assert.ok(markdown.includes('**The float32 equivalent decides for another class.**'));
  const { precision, predicted, logits } = report.classifier;
  assert.deepEqual(logits, [1, 1, 0]);
  assert.deepEqual([predicted.index, report.target.index], [0, 0]);
  assert.equal(precision?.sameClass, false);
  assert.ok(Number(precision.floatLogits[1]) > Number(precision.floatLogits[0]));
  const warning = report.warnings.find(({ code }) => code === 'float-equivalent-disagrees');
  assert.match(warning?.message ?? '', /predicts "class 1" instead of "class 0"/);
});

test('scores that are integers are read with the scale of the operator that makes them', async () => {
  const [codes, real] = [
    await analyze(network(1 / 64, [1, 0.2, 0], true)),
    await analyze(network(1 / 64, [1, 0.2, 0])),
  ];
  assert.deepEqual(codes.report.classifier.logits, real.report.classifier.logits);
  assert.deepEqual(codes.report.classifier.probabilities, real.report.classifier.probabilities);
  assert.match(codes.report.model.notes.join(), /gives its scores .* as integers/);
});

test('a row of an evaluation is the file’s verdict, without its equivalent', async () => {
  const bench = new Workbench(join(folder, 'cache'));
  try {
    const path = network(1, [0.6, 0.9, 0.1]);
    const asked = { weights: path, architecture: null, stateDict: null };
    const weights = await resolveWeights(asked, readyLens('imagenet'), bench.store);
    const options = { inputSize: null, methods: ['gradcam'] as const, layers: [] };
    const classifier = await bench.classifier(weights, options, { provider: 'cpu', threads: 1 });
    const image = {
      type: 'float32',
      dims: [1, 3, 16, 16],
      data: new Float32Array(3 * 256).fill(0.5),
    } as const;
    const [both, row] = [
      await classifier.explain(image, PREDICTED),
      await classifier.explain(image, PREDICTED, false),
    ];
    assert.ok(both.precision);
    assert.equal(row.precision, undefined);
    assert.deepEqual(
      [row.logits, row.probabilities, row.target],
      [both.logits, both.probabilities, both.target],
    );
  } finally {
    await bench.dispose();
  }
});
