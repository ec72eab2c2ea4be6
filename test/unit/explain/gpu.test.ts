/** The explain graph for GPUs, run on the CPU: it says what the plain one says, in fewer nodes, and holds nothing that CUDA leaves to the CPU. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededClassifier } from '../../../server/src/architectures/classifier';
import { findArchitecture } from '../../../server/src/architectures/registry';
import { assembleExplainGraph, type ExplainGraph } from '../../../server/src/explain/assemble';
import { decodeExplain, type SampleResult } from '../../../server/src/explain/decode';
import { assembleForGpu } from '../../../server/src/explain/gpu';
import { COLUMNS, rowLength, rowStatistics } from '../../../server/src/explain/gpu/row-statistics';
import { Emitter } from '../../../server/src/autodiff/emitter';
import { GraphBuilder, OPSET } from '../../../server/src/onnx/builder';
import { inferShapes } from '../../../server/src/onnx/shapes';
import { PREDICTED } from '../../../server/src/explain/target';
import { attribute } from '../../../server/src/onnx/attributes';
import type { Node } from '../../../server/src/onnx/model';
import type { Provider } from '../../../server/src/runtime/session';
import { relativeL2 } from '../../support/golden';
import { randomImage, runOnce } from './mini-network';

const SIDE = 64;

interface Both {
  readonly plain: ExplainGraph;
  readonly gpu: ExplainGraph;
}

/** @param id an EfficientNet has strided depthwise convolutions, padded on one side only, gates and Swish; a ResNet pooling and strides */
async function both(id: string, batch: number, provider: Provider): Promise<Both> {
  const found = findArchitecture(id);
  assert.ok(found);
  const { model, input, logits, layers } = await seededClassifier(found, { classes: 2, inputSize: SIDE });
  const inputShape = [batch, ...input.shape.slice(1)];
  const withBatch = {
    ...model,
    graph: {
      ...model.graph,
      inputs: model.graph.inputs.map((value) => ({ ...value, dims: inputShape })),
      outputs: model.graph.outputs.map((value) => ({ ...value, dims: null })),
    },
  };
  const request = { model: withBatch, inputShape, logits, layers, methods: ['gradcam'] } as const;
  return {
    plain: assembleExplainGraph(request),
    gpu: assembleForGpu(request, provider),
  };
}

async function run(
  { model, inputs, outputs }: ExplainGraph,
  batch: number,
  asked: bigint,
): Promise<readonly SampleResult[]> {
  const target = { type: 'int64', dims: [batch], data: new BigInt64Array(batch).fill(asked) } as const;
  const image = randomImage([batch, 3, SIDE, SIDE], 'gpu');
  return decodeExplain(outputs, await runOnce(model, { [inputs.image]: image, [inputs.target]: target }));
}

function assertSame(found: SampleResult, expected: SampleResult): void {
  assert.ok(relativeL2(found.logits, expected.logits) < 1e-5);
  assert.equal(found.target, expected.target);
  assert.deepEqual(
    found.layers.map(({ name }) => name),
    expected.layers.map(({ name }) => name),
  );
  found.layers.forEach((layer, index) => {
    const other = expected.layers[index];
    assert.ok(other);
    for (const [method, map] of layer.cam)
      assert.ok(relativeL2(map, other.cam.get(method) ?? []) < 1e-4, `${layer.name}: ${method}`);
    assert.ok(relativeL2(layer.mean, other.mean) < 1e-5, layer.name);
    assert.ok(relativeL2(layer.weights, other.weights) < 1e-4, layer.name);
    const { min, max, zeros, mean, std, finite } = layer.statistics;
    const numbers = (s: typeof layer.statistics): readonly number[] => [s.min, s.max, s.zeros, s.mean, s.std];
    assert.ok(relativeL2([min, max, zeros, mean, std], numbers(other.statistics)) < 1e-5, layer.name);
    assert.ok(Math.abs(std / other.statistics.std - 1) < 1e-5, layer.name);
    assert.equal(finite, other.statistics.finite);
  });
}

/** As onnxruntime's CUDA provider decides it: 1.30, `ConvTransposeNeedFallbackToCPU`. */
function padsOneSide(node: Node): boolean {
  const pads = attribute(node, 'pads', 'ints') ?? [];
  const rank = pads.length / 2;
  return node.opType === 'ConvTranspose' && pads.slice(0, rank).some((p, axis) => p !== pads[rank + axis]);
}

/** Of those that are for devices alone. */
const PASSES_OF_EFFICIENTNET = [
  'broadcast-by-operator',
  'factor-into-weights',
  'gate-slope',
  'grouped-swish-gradient',
  'symmetric-padding',
  'wide-mean',
];

for (const [id, provider, batch, asked] of [
  ['efficientnet_pytorch/b0', 'cuda', 1, 1n],
  ['efficientnet_pytorch/b0', 'webgpu', 2, BigInt(PREDICTED)],
  ['torchvision/resnet50', 'webgpu', 1, 0n],
] as const) {
  test(`${id} on ${provider}, ${batch} in one run`, async () => {
    const { plain, gpu } = await both(id, batch, provider);
    assert.ok(gpu.model.graph.nodes.length <= plain.model.graph.nodes.length);
    assert.deepEqual(gpu.model.graph.nodes.filter(padsOneSide), []);
    const fired = gpu.passes.filter((pass) => pass.fired > 0).map(({ name }) => name);
    if (id.includes('efficientnet'))
      assert.deepEqual(
        PASSES_OF_EFFICIENTNET.filter((name) => !fired.includes(name)),
        [],
      );
    const [found, expected] = [await run(gpu, batch, asked), await run(plain, batch, asked)];
    assert.equal(found.length, batch);
    found.forEach((sample, index) => assertSame(sample, expected[index] as SampleResult));
  });
}

test('rows of statistics are short, and hold every element', () => {
  for (const channels of [1, 3, 7, 40, 112, 672, 1536, 2048])
    for (let side = 1; side <= 64; side++) {
      const elements = channels * side * side;
      const length = rowLength(elements);
      assert.ok(length <= 128);
      assert.ok(Number.isInteger(elements / length));
      const rows = new Emitter(new GraphBuilder('rows'), OPSET);
      const layer = rows.builder.input('layer', 'float32', [1, channels, side, side]);
      const table = rowStatistics(rows, rows.reshape(layer, [-1, length]));
      assert.deepEqual(inferShapes(rows.builder.model()).get(table)?.dims, [elements / length, COLUMNS]);
    }
});
