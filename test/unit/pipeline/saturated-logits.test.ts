/** A quantized network that is surer than its quantization can say: its maps are those of one whose range is wide enough. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assembleExplainGraph } from '../../../server/src/explain/assemble';
import { decodeExplain } from '../../../server/src/explain/decode';
import { float32Tensor, GraphBuilder } from '../../../server/src/onnx/builder';
import { encodeModel } from '../../../server/src/onnx/write';
import { openOnnxClassifier } from '../../../server/src/pipeline/network/onnx/open';
import { randomImage, runOnce } from '../explain/mini-network';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('saturated');
const SHAPE = [1, 3, 8, 8];

/** @param step of int8 logits, which end at 127 steps @param own a Clip of the network's own before them */
function saved(step: number, own = false): string {
  const g = new GraphBuilder('sure');
  const image = g.input('image', 'float32', SHAPE);
  const some = (name: string, dims: readonly number[]) =>
    g.initializer(name, float32Tensor(dims, randomImage(dims, name).data as Float32Array));
  const features = g.node('Conv', [image, some('conv.weight', [4, 3, 3, 3])], {}, 'features');
  const flat = g.node('Flatten', [g.node('GlobalAveragePool', [g.node('Relu', [features])])]);
  const bias = g.initializer('fc.bias', float32Tensor([3], [3, 0, 0]));
  const given = g.node('Gemm', [flat, some('fc.weight', [4, 3]), bias]);
  const bound = (value: number) => g.constant('bound', float32Tensor([], [value]));
  const logits = own ? g.node('Clip', [given, bound(-1), bound(1)]) : given;
  const [scale, zero] = [
    g.constant('scale', float32Tensor([], [step])),
    g.constant('zero', { type: 'int8', dims: [], data: new Uint8Array(1) }),
  ];
  g.node('DequantizeLinear', [g.node('QuantizeLinear', [logits, scale, zero]), scale, zero], {}, 'logits');
  g.output('logits', 'float32', [1, 3]);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `step-${step}${own ? '-own' : ''}.onnx`);
  writeFileSync(path, encodeModel(g.model({}, 13)));
  return path;
}

/** The map of the layer before the pooling, for the first class. */
async function mapOf(path: string): Promise<readonly number[]> {
  const { model, input, logits, layers } = await openOnnxClassifier(path, { inputSize: null });
  const [layer] = layers.filter(({ shape }) => shape.length === 4);
  assert.ok(layer);
  const methods = ['gradcam'] as const;
  const {
    model: graph,
    inputs,
    outputs,
  } = assembleExplainGraph({
    ...{ model, inputShape: input.shape, logits, layers: [layer], methods },
  });
  const target = { type: 'int64' as const, dims: [1], data: BigInt64Array.of(0n) };
  const results = await runOnce(
    graph,
    { [inputs.image]: randomImage(SHAPE, 'x'), [inputs.target]: target },
    'disabled',
  );
  return [...(decodeExplain(outputs, results)[0]?.layers[0]?.cam.get('gradcam') ?? [])];
}

test('maps do not end with the range of the logits; a Clip of the network’s own does end them', async () => {
  const [sure, wide, own] = [await mapOf(saved(1 / 64)), await mapOf(saved(1)), await mapOf(saved(1, true))];
  assert.ok(wide.some((value) => value !== 0));
  assert.deepEqual(sure, wide);
  assert.ok(own.length > 0 && own.every((value) => value === 0));
});
