/** Networks as tutorials write them, `F.relu(self.conv1(x))`: modules whose activations are functions are layers under their own names. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fillUniform, fnv1a32 } from '../../../server/src/architectures/seeded';
import { float32Tensor, GraphBuilder } from '../../../server/src/onnx/builder';
import { writeModel } from '../../../server/src/onnx/write';
import { openOnnxClassifier } from '../../../server/src/pipeline/network/onnx/open';
import { temporaryFolder } from '../../support/temp';

const NAMES: Readonly<Record<string, string>> = {
  ...{ c1: '/conv1/Conv', r1: '/Relu', p1: '/pool/MaxPool', c2: '/conv2/Conv', r2: '/Relu_1' },
  ...{ mean: '/ReduceMean', logits: '/fc/Gemm' },
};

async function shown(pooled: boolean): Promise<readonly string[]> {
  const g = new GraphBuilder('functional');
  const weights = (seed: string, ...dims: number[]): string => {
    const values = new Float32Array(dims.reduce((a, b) => a * b));
    return g.constant(seed, float32Tensor(dims, fillUniform(values, fnv1a32(seed), 0.4)));
  };
  const x = g.input('x', 'float32', [1, 3, 16, 16]);
  const first = g.node('Relu', [g.node('Conv', [x, weights('w1', 4, 3, 3, 3)], {}, 'c1')], {}, 'r1');
  const half = pooled ? g.node('MaxPool', [first], { kernel_shape: [2, 2], strides: [2, 2] }, 'p1') : first;
  const second = g.node('Relu', [g.node('Conv', [half, weights('w2', 4, 4, 3, 3)], {}, 'c2')], {}, 'r2');
  const mean = g.node('ReduceMean', [second], { axes: [2, 3], keepdims: 0 }, 'mean');
  g.output(g.node('Gemm', [mean, weights('w3', 4, 5)], {}, 'logits'), 'float32', null);
  const model = g.model();
  const nodes = model.graph.nodes.map((node) => ({ ...node, name: NAMES[node.outputs[0] ?? ''] ?? '' }));
  const path = join(temporaryFolder('functional-layers'), 'net.onnx');
  await writeModel({ ...model, graph: { ...model.graph, nodes } }, path);
  return (await openOnnxClassifier(path, { inputSize: null })).layers.map(({ name }) => name);
}

test('convolutions by the names of their modules, in order', async () => {
  assert.deepEqual(await shown(false), ['conv1', 'conv2']);
  assert.deepEqual(await shown(true), ['conv1', 'pool', 'conv2']);
});
