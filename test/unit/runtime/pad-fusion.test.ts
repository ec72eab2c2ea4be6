/** Zeros that a Pad puts beside negative values are the maximum of a pooling behind it: the runtime's fusion of the two must not take them away. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { float32Tensor, GraphBuilder, int64Tensor } from '../../../server/src/onnx/builder';
import type { Model } from '../../../server/src/onnx/model';
import { encodeModel, writeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { optimizedModel, saveOptimized } from '../../../server/src/runtime/optimized';
import { wrongOptimizers } from '../../../server/src/runtime/wrong-optimizers';
import { temporaryFolder } from '../../support/temp';

/** 4x4 pixels with one more on each side, the maximum or the mean of 3x3 of them. */
function padded(pool: 'MaxPool' | 'AveragePool'): Model {
  const graph = new GraphBuilder('padded');
  const image = graph.input('image', 'float32', [1, 1, 4, 4]);
  const pads = graph.constant('pads', int64Tensor([0, 0, 1, 1, 0, 0, 1, 1]));
  const zero = graph.constant('zero', float32Tensor([], [0]));
  const bordered = graph.node('Pad', [image, pads, zero]);
  graph.node(pool, [bordered], { kernel_shape: [3, 3], strides: [2, 2] }, 'pooled');
  graph.output('pooled', 'float32', [1, 1, 2, 2]);
  return graph.model();
}

async function pooled(model: string | Uint8Array, optimization: 'all' | 'disabled'): Promise<unknown> {
  const session = await createSession(model, { provider: 'cpu', threads: 1, optimization });
  const image = { type: 'float32' as const, dims: [1, 1, 4, 4], data: new Float32Array(16).fill(-1) };
  try {
    return [...(await session.run({ image }))['pooled']!.data];
  } finally {
    await session.dispose();
  }
}

/** The last window alone reaches no border. */
const EXPECTED = [0, 0, 0, -1];

test('a graph that nobody has looked at', async () => {
  assert.deepEqual(await pooled(encodeModel(padded('MaxPool')), 'all'), EXPECTED);
});

test('a graph that is optimized and kept', async () => {
  const folder = temporaryFolder('pad-fusion');
  const [model, kept] = [join(folder, 'padded.onnx'), join(folder, 'kept')];
  mkdirSync(kept);
  const built = padded('MaxPool');
  await writeModel(built, model);
  await saveOptimized(model, kept, { provider: 'cpu', without: wrongOptimizers(built.graph) });
  assert.deepEqual(await pooled(optimizedModel(kept).modelPath, 'disabled'), EXPECTED);
});

test('other poolings may be fused', () => {
  assert.deepEqual(wrongOptimizers(padded('AveragePool').graph), []);
});
