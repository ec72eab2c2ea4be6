/** Which nodes WebGPU must not be given: each by the fault that it has, as far as the fault goes and no further. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { float32Tensor, GraphBuilder } from '../../../server/src/onnx/builder';
import type { Model } from '../../../server/src/onnx/model';
import { encodeModel } from '../../../server/src/onnx/write';
import { cpuNodes } from '../../../server/src/runtime/cpu-nodes';

interface Convolution {
  readonly inputs: number;
  readonly outputs: number;
  readonly size?: number;
  readonly stride?: number;
  readonly group?: number;
}

function convolution({ inputs, outputs, size = 3, stride = 1, group = 1 }: Convolution): Model {
  const graph = new GraphBuilder('convolution');
  graph.input('x', 'float32', [1, inputs, 8, 8]);
  const dims = [outputs, inputs / group, size, size];
  const weights = graph.initializer(
    'w',
    float32Tensor(dims, new Float32Array(dims.reduce((a, b) => a * b, 1))),
  );
  graph.node('Conv', ['x', weights], { strides: [stride, stride], group }, 'y');
  graph.output('y', 'float32', null);
  return graph.model();
}

const cases: readonly (readonly [string, Convolution, boolean])[] = [
  ['an image', { inputs: 3, outputs: 8 }, false],
  ['six channels', { inputs: 6, outputs: 8 }, true],
  ['nine channels', { inputs: 9, outputs: 4 }, true],
  ['twelve channels, which 4 divides', { inputs: 12, outputs: 8 }, false],
  ['ten channels, which 3 does not divide', { inputs: 10, outputs: 8 }, false],
  ['seven output channels', { inputs: 6, outputs: 7 }, false],
  ['a matrix product', { inputs: 6, outputs: 8, size: 1 }, false],
  ['a strided 1x1 kernel', { inputs: 6, outputs: 8, size: 1, stride: 2 }, true],
  ['groups', { inputs: 12, outputs: 8, group: 2 }, false],
];
for (const [name, given, refused] of cases) {
  test(`convolution: ${name}`, async () => {
    const bytes = encodeModel(convolution(given));
    const expected = refused ? convolution(given).graph.nodes.map((node) => node.name) : [];
    assert.deepEqual(await cpuNodes(bytes, 'webgpu'), expected);
    assert.deepEqual(await cpuNodes(bytes, 'cuda'), []);
  });
}

function pool(indices: boolean): GraphBuilder {
  const graph = new GraphBuilder('pool');
  graph.input('x', 'float32', [1, 2, 8, 8]);
  graph.nodeWithOutputs('MaxPool', ['x'], { kernel_shape: [2, 2] }, indices ? ['y', 'where'] : ['y']);
  graph.output('y', 'float32', null);
  return graph;
}

test('max pooling: only where its winners are requested', async () => {
  const model = pool(true).model();
  assert.deepEqual(
    await cpuNodes(encodeModel(model), 'webgpu'),
    model.graph.nodes.map(({ name }) => name),
  );
  assert.deepEqual(await cpuNodes(encodeModel(pool(false).model()), 'webgpu'), []);
});

test('a node without a name is refused rather than computed wrongly', async () => {
  const model = convolution({ inputs: 6, outputs: 8 });
  const nodes = model.graph.nodes.map((node) => ({ ...node, name: '' }));
  const nameless = { ...model, graph: { ...model.graph, nodes } };
  await assert.rejects(cpuNodes(encodeModel(nameless), 'webgpu'), {
    kind: 'device',
    message: /Conv node that yields "y"/,
    remedies: [{ do: 'cpu' }],
  });
});

test('what is not a model is left to the runtime to refuse', async () => {
  assert.deepEqual(await cpuNodes(new Uint8Array(5).fill(255), 'webgpu'), []);
  assert.deepEqual(await cpuNodes('/nowhere/at-all.onnx', 'webgpu'), []);
});
