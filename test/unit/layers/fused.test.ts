/** Layers of graphs that onnxruntime's optimizer has rewritten: the modules' own outputs, under names that the file has. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fillUniform, fnv1a32 } from '../../../server/src/architectures/seeded';
import { float32Tensor, GraphBuilder, int64Tensor } from '../../../server/src/onnx/builder';
import type { Model, Node } from '../../../server/src/onnx/model';
import { writeModel } from '../../../server/src/onnx/write';
import { openOnnxClassifier } from '../../../server/src/pipeline/network/onnx/open';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('fused-layers');
const MS = 'com.microsoft';

/** Patches of a picture, a perceptron with its bias in the operator behind it, a sum, and classes. @param names by output */
function perceptron(names: Readonly<Record<string, string>>): Model {
  const g = new GraphBuilder('fused');
  const weights = (seed: string, ...dims: number[]): string =>
    g.constant(
      seed,
      float32Tensor(dims, fillUniform(new Float32Array(dims.reduce((a, b) => a * b)), fnv1a32(seed), 0.4)),
    );
  const x = g.input('x', 'float32', [1, 3, 8, 8]);
  const patches = g.node('Conv', [x, weights('w0', 4, 3, 2, 2)], { strides: [2, 2] }, 'patches');
  const rows = g.node('Reshape', [patches, g.constant('shape', int64Tensor([1, 4, 16]))], {}, 'rows');
  const tokens = g.node('Transpose', [rows], { perm: [0, 2, 1] }, 'tokens');
  const wide = g.node('MatMul', [tokens, weights('w1', 4, 8)], {}, 'wide');
  const active = g.node('BiasGelu', [wide, weights('b1', 8)], {}, 'active', MS);
  const narrow = g.node('MatMul', [active, weights('w2', 8, 4)], {}, 'narrow');
  const parameters = [weights('gamma', 4), weights('beta', 4), weights('b2', 4)];
  const normal = g.node('SkipLayerNormalization', [narrow, tokens, ...parameters], {}, 'normal', MS);
  const mean = g.node('ReduceMean', [normal], { axes: [1], keepdims: 0 }, 'mean');
  g.output(g.node('Gemm', [mean, weights('w3', 4, 5)], {}, 'logits'), 'float32', null);
  const model = g.model();
  const nodes = model.graph.nodes.map((node): Node => ({
    ...node,
    name: names[node.outputs[0] ?? ''] ?? '',
  }));
  return { ...model, opsets: new Map([...model.opsets, [MS, 1]]), graph: { ...model.graph, nodes } };
}

async function layersOf(name: string, model: Model) {
  const path = join(folder, `${name}.onnx`);
  await writeModel(model, path);
  const { layers, model: opened } = await openOnnxClassifier(path, { inputSize: null });
  return layers.map((layer) => ({
    ...layer,
    by: opened.graph.nodes.find(({ outputs }) => outputs.includes(layer.tensor))?.opType,
  }));
}

test('a product whose bias was moved is shown with it', async () => {
  const layers = await layersOf(
    'modules',
    perceptron({
      ...{ patches: '/embed/proj/Conv', wide: '/mlp/fc1/MatMul', active: 'Gelu_AddBias_0' },
      ...{ narrow: '/mlp/fc2/MatMul', normal: 'SkipLayerNorm_AddBias_0', logits: '/head/Gemm' },
    }),
  );
  for (const path of ['mlp.fc1', 'mlp.fc2'])
    assert.deepEqual(
      layers.filter(({ name }) => name === path).map(({ by }) => by),
      ['Add'],
      JSON.stringify(layers.map(({ name }) => name)),
    );
});

test('names that an optimizer has made up are no modules', async () => {
  const layers = await layersOf(
    'made-up',
    perceptron({
      ...{ patches: 'node_conv2d', wide: 'node_MatMul_3/MatMulAddFusion', active: 'gelu' },
      ...{ narrow: 'node_MatMul_5/MatMulAddFusion', logits: 'node_linear' },
    }),
  );
  const names = layers.map(({ name }) => name);
  assert.ok(names.length >= 4 && names.includes('patches'), names.join());
  assert.ok(
    names.every((name) => !name.startsWith('lowered')),
    names.join(),
  );
});
