/** Every CAM method against pytorch-grad-cam, on activations and gradients chosen by the golden. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assembleExplainGraph } from '../../../server/src/explain/assemble';
import { decodeExplain } from '../../../server/src/explain/decode';
import { float32Tensor, GraphBuilder } from '../../../server/src/onnx/builder';
import type { Model } from '../../../server/src/onnx/model';
import { GoldenArrays, readGolden, relativeL2 } from '../../support/golden';
import { runOnce, target } from './mini-network';
import { CAM_METHODS, idsOf } from '../../../protocol/vocabulary';

const golden = 'network/cam-methods';

/** A layer that holds the image itself, and logits whose second one is <gradient, layer>. */
function linear(shape: readonly number[], gradient: Float32Array): Model {
  const builder = new GraphBuilder('linear');
  builder.node('Identity', [builder.input('image', 'float32', shape)], {}, 'layer');
  const weights = new Float32Array(2 * gradient.length);
  gradient.forEach((g, i) => (weights[2 * i + 1] = g));
  const matrix = builder.initializer('gradient', float32Tensor([gradient.length, 2], weights));
  builder.node('MatMul', [builder.node('Flatten', ['layer']), matrix], {}, 'logits');
  builder.output('logits', 'float32', [1, 2]);
  return builder.model();
}

const { shapes, methods } = readGolden<{
  readonly shapes: readonly (readonly [number, number, number])[];
  readonly methods: readonly string[];
}>(golden);
const arrays = new GoldenArrays(golden);

for (const [channels, height, width] of shapes) {
  const key = `${channels}x${height}x${width}`;
  test(`${key}: all methods in one run`, async () => {
    assert.deepEqual([...idsOf(CAM_METHODS)].sort(), [...methods].sort());
    const inputShape = [1, channels, height, width];
    const activation = Float32Array.from(arrays.get(`${key}/activation`).data);
    const gradient = Float32Array.from(arrays.get(`${key}/gradient`).data);
    const graph = assembleExplainGraph({
      model: linear(inputShape, gradient),
      inputShape,
      logits: 'logits',
      layers: [{ name: 'layer', tensor: 'layer' }],
      methods: idsOf(CAM_METHODS),
    });
    const results = await runOnce(graph.model, {
      [graph.inputs.image]: { type: 'float32', dims: inputShape, data: activation },
      [graph.inputs.target]: target(1),
    });
    const [layer] = decodeExplain(graph.outputs, results)[0]!.layers;
    for (const method of idsOf(CAM_METHODS)) {
      const distance = relativeL2(layer!.cam.get(method)!, arrays.get(`${key}/${method}`).data);
      assert.ok(distance < 1e-4, `${method}: relative L2 distance ${distance}`);
    }
  });
}
