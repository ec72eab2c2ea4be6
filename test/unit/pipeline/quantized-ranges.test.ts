/** Inner tensors of a quantized network whose values its ranges do not hold: the maps are those of the network that was quantized. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assembleExplainGraph } from '../../../server/src/explain/assemble';
import type { SampleResult } from '../../../server/src/explain/decode';
import { decodeExplain } from '../../../server/src/explain/decode';
import { float32Tensor, GraphBuilder, int64Tensor } from '../../../server/src/onnx/builder';
import type { ConstantTensor } from '../../../server/src/onnx/model';
import { encodeModel } from '../../../server/src/onnx/write';
import { openOnnxClassifier } from '../../../server/src/pipeline/network/onnx/open';
import type { Activation } from '../../../server/src/pipeline/network/activation';
import { describePrecision } from '../../../server/src/pipeline/reporting/precision';
import { randomImage, runOnce } from '../explain/mini-network';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('ranges');
const ofSoftmax: Activation = {
  ...{ kind: 'softmax', origin: 'measured', multiLabel: false, probabilities: null, evidence: '' },
};
const SHAPE = [1, 3, 8, 8];

/**
 * Quantizes a tensor of the network to codes 0 to 255 between these two, and reads it back; null for the float network.
 * @param factors of the scale of each channel, where each has its own
 */
type Quantize = (x: string, low: number, high: number, factors?: readonly number[]) => string;

interface Case {
  /** From the features of the first convolution (1, 4, 8, 8) to what is pooled, of the same shape. */
  readonly body: (g: GraphBuilder, x: string, range: Quantize, some: Some) => string;
  /** An activation that the quantizer leaves out, as the range in front of it does its work. */
  readonly leftOut?: (g: GraphBuilder, x: string) => string;
}

type Some = (name: string, dims: readonly number[]) => string;

const relu6 = (g: GraphBuilder, x: string): string =>
  g.node('Clip', [x, g.constant('c', float32Tensor([], [0])), g.constant('c', float32Tensor([], [6]))]);

const cases: Readonly<Record<string, Case>> = {
  'a range that calibration saw too narrow': {
    body: (g, x, range) => g.node('Tanh', [range(x, -0.7, 0.4)]),
  },
  'a scale for each channel, too narrow for some': {
    body: (g, x, range) => g.node('Tanh', [range(x, -0.25, -0.25 + 255 / 512, [1, 2, 4, 8])]),
  },
  'a ReLU that ranges of each channel stand for': {
    body: (g, x, range) => range(x, 0, 255 / 1024, [1, 2, 4, 8]),
    leftOut: (g, x) => g.node('Relu', [x]),
  },
  'a ReLU that the range stands for': {
    body: (g, x, range) => range(x, 0, 0.5),
    leftOut: (g, x) => g.node('Relu', [x]),
  },
  'a ReLU6 that the range stands for': {
    body: (g, x, range) => range(g.node('Mul', [x, g.constant('c', float32Tensor([], [6]))]), 0, 6),
    leftOut: relu6,
  },
  'a ReLU6 by name alone, of which calibration saw less': {
    body: (g, x, range) =>
      range(g.node('Mul', [x, g.constant('c', float32Tensor([], [6]))], {}, '/Clip_output_0'), 0, 5),
    leftOut: relu6,
  },
  'a tensor that is never negative, with zeros': {
    body: (g, x, range) => {
      const pooled = g.node('AveragePool', [g.node('Relu', [x])], {
        kernel_shape: [3, 3],
        pads: [1, 1, 1, 1],
      });
      return g.node('Exp', [range(g.node('Relu', [pooled]), 0, 0.2)]);
    },
  },
  'attention, in which scores and weights saturate': {
    body: (g, x, range) => {
      const tokens = g.node('Reshape', [x, g.constant('c', int64Tensor([1, 4, 64]))]);
      const scores = g.node('MatMul', [g.node('Transpose', [tokens], { perm: [0, 2, 1] }), tokens]);
      const weights = range(g.node('Softmax', [range(scores, -0.5, 0.5)]), 0, 0.03);
      const mixed = g.node('MatMul', [tokens, g.node('Transpose', [weights], { perm: [0, 2, 1] })]);
      return g.node('Reshape', [range(mixed, -0.1, 0.3), g.constant('c', int64Tensor([1, 4, 8, 8]))]);
    },
  },
};

/** image -> Conv -> body -> mean -> Gemm -> logits */
function saved(name: string, { body, leftOut }: Case, quantized: boolean): string {
  const g = new GraphBuilder('ranges');
  const image = g.input('image', 'float32', SHAPE);
  const c = (tensor: ConstantTensor): string => g.constant('c', tensor);
  const some: Some = (name, dims) =>
    g.initializer(
      name,
      float32Tensor(
        dims,
        (randomImage(dims, name).data as Float32Array).map((v) => v - 0.5),
      ),
    );
  const range: Quantize = (x, low, high, factors) => {
    if (!quantized) return leftOut === undefined ? x : leftOut(g, x);
    const step = (high - low) / 255;
    const dims = factors === undefined ? [] : [factors.length];
    const scales = (factors ?? [1]).map((factor) => factor * step);
    // Exporters center codes of channels, so that their zero point is 0.
    const [type, least] =
      factors !== undefined && low < 0 ? (['int8', -128] as const) : (['uint8', 0] as const);
    const zero = new Uint8Array(scales.length).fill(Math.round(-low / step) + least);
    const by = [c(float32Tensor(dims, scales)), c({ type, dims, data: zero })];
    return g.node('DequantizeLinear', [g.node('QuantizeLinear', [x, ...by]), ...by]);
  };
  const padded = { pads: [1, 1, 1, 1] };
  const features = g.node('Conv', [image, some('conv.weight', [4, 3, 3, 3])], padded, 'features');
  const flat = g.node('Flatten', [g.node('GlobalAveragePool', [body(g, features, range, some)])]);
  g.node('Gemm', [flat, some('fc.weight', [4, 3])], {}, 'logits');
  g.output('logits', 'float32', [1, 3]);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name.replaceAll(' ', '-')}-${quantized}.onnx`);
  writeFileSync(path, encodeModel(g.model({}, 13)));
  return path;
}

/** Of class 1, and the layer that is the convolution. */
async function explained(path: string): Promise<SampleResult> {
  const opened = await openOnnxClassifier(path, { inputSize: null });
  const { model, input, logits, beyond } = opened;
  const layer = { name: 'features', tensor: 'features' };
  const {
    model: graph,
    inputs,
    outputs,
  } = assembleExplainGraph({
    ...{ model, inputShape: input.shape, logits, beyond, layers: [layer], methods: ['gradcam'] },
  });
  const results = await runOnce(
    graph,
    {
      [inputs.image]: randomImage(SHAPE, 'x'),
      [inputs.target]: { type: 'int64' as const, dims: [1], data: BigInt64Array.of(1n) },
    },
    'disabled',
  );
  const [sample] = decodeExplain(outputs, results);
  assert.ok(sample);
  return sample;
}

for (const [name, network] of Object.entries(cases))
  test(name, async () => {
    const [float, quantized] = [
      await explained(saved(name, network, false)),
      await explained(saved(name, network, true)),
    ];
    const mapOf = ({ layers: [layer] }: SampleResult): readonly number[] => [
      ...(layer?.cam.get('gradcam') ?? []),
    ];
    assert.ok(mapOf(float).some((value) => value !== 0));
    assert.deepEqual(mapOf(quantized), mapOf(float));
    assert.deepEqual(quantized.logits, float.logits);
    assert.equal(float.beyond, undefined);
    const counted = name === 'a ReLU6 that the range stands for' ? 0 : name.startsWith('attention') ? 3 : 1;
    assert.equal(quantized.beyond?.length ?? 0, counted);
    for (const { share, name: tensor } of quantized.beyond ?? [])
      assert.ok(share > 0 && share < 1, `${tensor}: ${share}`);
  });

test('the share that a range cuts off is counted', async () => {
  const whole: Case = { body: (g, x, range) => g.node('Tanh', [range(x, -1000, 1000)]) };
  const wide = await explained(saved('wide', whole, true));
  assert.deepEqual(
    wide.beyond?.map(({ share }) => share),
    [0],
  );
  const float: Case = { body: (g, x) => g.node('Tanh', [x]) };
  const { model } = await openOnnxClassifier(saved('float', float, false), { inputSize: null });
  const features = {
    ...model,
    graph: { ...model.graph, outputs: [{ name: 'features', type: 'float32' as const, dims: null }] },
  };
  const { features: values } = await runOnce(features, { image: randomImage(SHAPE, 'x') }, 'disabled');
  const shareOf = (isBeyond: (value: number) => boolean): number =>
    [...(values?.data as Float32Array)].filter(isBeyond).length / 256;
  const found = await explained(
    saved('narrow', { body: (g, x, range) => g.node('Tanh', [range(x, -0.5, 0.25)]) }, true),
  );
  const apart = (share: number | undefined, expected: number): number => Math.abs((share ?? NaN) - expected);
  const both = shareOf((value) => value < -0.5 || value > 0.25);
  assert.ok(apart(found.beyond?.[0]?.share, both) < 1e-6);
  // Below 0 is what the ReLU does for which the range stands.
  const activation = await explained(saved('activation', { body: (_, x, range) => range(x, 0, 0.25) }, true));
  const above = shareOf((value) => value > 0.25);
  assert.ok(above > 0.1 && apart(activation.beyond?.[0]?.share, above) < 1e-6);
  // Of what is no image, in one number.
  const flat: Case = {
    body: (g, x, range) => {
      const rows = g.node('Reshape', [x, g.constant('c', int64Tensor([1, 4, 64]))]);
      return g.node('Reshape', [range(rows, -0.5, 0.25), g.constant('c', int64Tensor([1, 4, 8, 8]))]);
    },
  };
  assert.ok(apart((await explained(saved('flat', flat, true))).beyond?.[0]?.share, both) < 1e-6);
  const precision = { kind: 'quantized' as const, equivalent: found.logits, failure: null };
  const { beyondRange, description } = describePrecision(found, precision, ofSoftmax, 0.5, []);
  assert.deepEqual([beyondRange?.tensors, beyondRange?.of], [1, 1]);
  assert.match(
    description,
    /cuts off values of 1 of 1 quantized tensors, at most \d+% of one \("dequantizelinear"\)/,
  );
});
