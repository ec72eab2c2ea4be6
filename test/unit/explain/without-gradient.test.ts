/** One operator without a gradient rule takes the heatmaps of the layers it is computed from, and of no others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillUniform, fnv1a32 } from '../../../server/src/architectures/seeded';
import { assembleExplainGraph } from '../../../server/src/explain/assemble';
import { decodeExplain } from '../../../server/src/explain/decode';
import { float, float32Tensor, GraphBuilder } from '../../../server/src/onnx/builder';
import { encodeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';

/**
 * below -> [middle] -> inner -> sum -> logits, and below -> beside -> sum. With lambda and bias 0, Shrink gives what it is given, so that
 * Identity in its place computes the same network.
 */
async function explained(middle: 'Shrink' | 'Identity') {
  const graph = new GraphBuilder('blocked');
  const weights = (seed: string, dims: readonly number[]): string =>
    graph.constant(
      seed,
      float32Tensor(dims, fillUniform(new Float32Array(dims.reduce((a, b) => a * b)), fnv1a32(seed), 0.5)),
    );
  const conv = (x: string, name: string, from: number): string =>
    graph.node('Conv', [x, weights(`w/${name}`, [3, from, 3, 3])], { pads: [1, 1, 1, 1] }, name);
  const below = conv(graph.input('x', 'float32', [1, 3, 6, 6]), 'below', 3);
  const attributes = middle === 'Shrink' ? { lambd: float(0), bias: float(0) } : {};
  conv(graph.node(middle, [below], attributes, 'middle'), 'inner', 3);
  conv(below, 'beside', 3);
  graph.node('Add', ['inner', 'beside'], {}, 'sum');
  const pooled = graph.node('Flatten', [graph.node('GlobalAveragePool', [graph.node('Sigmoid', ['sum'])])]);
  graph.node('Gemm', [pooled, weights('fc', [3, 2])], {}, 'logits');
  graph.output('logits', 'float32', [1, 2]);
  const layers = ['below', 'inner', 'beside', 'sum'].map((name) => ({ name, tensor: name }));
  const methods = ['gradcam', 'layercam'] as const;
  const explain = assembleExplainGraph({
    model: graph.model(),
    inputShape: [1, 3, 6, 6],
    logits: 'logits',
    layers,
    methods,
  });
  const session = await createSession(encodeModel(explain.model));
  try {
    const image = {
      type: 'float32',
      dims: [1, 3, 6, 6],
      data: fillUniform(new Float32Array(108), 5, 1),
    } as const;
    const target = { type: 'int64', dims: [1], data: BigInt64Array.of(1n) } as const;
    const results = await session.run({ [explain.inputs.image]: image, [explain.inputs.target]: target });
    const [sample] = decodeExplain(explain.outputs, results);
    assert.ok(sample);
    return new Map(sample.layers.map((layer) => [layer.name, layer]));
  } finally {
    await session.dispose();
  }
}

test('layers beside and above it are explained as if it had one; those below keep their activations', async () => {
  const [blocked, whole] = [await explained('Shrink'), await explained('Identity')];
  for (const name of ['inner', 'beside', 'sum']) {
    const [found, expected] = [blocked.get(name)!, whole.get(name)!];
    assert.equal(found.unexplained, null);
    for (const [method, map] of expected.cam)
      map.forEach((value, i) =>
        assert.ok(Math.abs((found.cam.get(method)?.[i] ?? NaN) - value) < 1e-6, name),
      );
  }
  const below = blocked.get('below')!;
  assert.match(below.unexplained ?? '', /Node "Shrink:middle": no gradient is known for the operator Shrink/);
  assert.equal(below.cam.size, 0);
  assert.ok(below.weights.every(Number.isNaN), 'no gradient is no zero');
  const { mean, statistics } = whole.get('below')!;
  mean.forEach((value, i) => assert.ok(Math.abs((below.mean[i] ?? NaN) - value) < 1e-6));
  assert.ok(Math.abs(below.statistics.std - statistics.std) < 1e-6);
});
