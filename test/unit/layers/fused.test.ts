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

test('names that an optimizer has made up are not modules', async () => {
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

/** Blocks of a product between Reshapes, a pair of Transposes and a sum. @param product its operator's name and what is appended to it */
function blocks(product: 'Gemm' | 'MatMul', appended: string): Model {
  const g = new GraphBuilder('reshaped');
  const ints = (...values: number[]): string => g.constant('ints', int64Tensor(values));
  const weights = (seed: string, ...dims: number[]): string =>
    g.constant(
      seed,
      float32Tensor(dims, fillUniform(new Float32Array(dims.reduce((a, b) => a * b)), fnv1a32(seed), 0.4)),
    );
  const names = new Map<string, string>();
  const named = (name: string, output: string): string => (names.set(output, name), output);
  const x = g.input('x', 'float32', [1, 3, 8, 8]);
  const patches = g.node('Conv', [x, weights('w0', 4, 3, 2, 2)], { strides: [2, 2] }, 'patches');
  named('/embed/proj/Conv', patches);
  const rows = named('/embed/Reshape', g.node('Reshape', [patches, ints(1, 4, 16)], {}, 'rows'));
  let tokens = named('/embed/Transpose', g.node('Transpose', [rows], { perm: [0, 2, 1] }, 'tokens'));
  for (const i of [0, 1, 2]) {
    const at = `/blocks/blocks.${i}`;
    const node = (name: string, op: string, inputs: readonly string[], attributes = {}): string =>
      named(name === '' ? '' : `${at}/${name}`, g.node(op, inputs, attributes, `${op}.${i}.${names.size}`));
    const normal = node('norm/LayerNormalization', 'LayerNormalization', [tokens, weights('gamma', 4)]);
    const flat = node('', 'Reshape', [normal, ints(16, 4)]);
    const bias = product === 'Gemm' ? [weights('b', 4)] : [];
    const wide = node(`fc/MatMul/${appended}`, product, [flat, weights(`w${i}`, 4, 4), ...bias]);
    const made = product === 'Gemm' ? wide : node('', 'Cast', [wide], { to: 1 });
    const back = node('', 'Reshape', [made, ints(1, 16, 4)]);
    const turned = node('', 'Transpose', [node('act/Relu', 'Relu', [back])], { perm: [0, 2, 1] });
    const mixed = node('mix/Transpose', 'Transpose', [node('mix/Tanh', 'Tanh', [turned])], {
      perm: [0, 2, 1],
    });
    tokens = node('Add', 'Add', [mixed, tokens]);
  }
  const mean = g.node('ReduceMean', [tokens], { axes: [1], keepdims: 0 }, 'mean');
  named('/head/Gemm', g.node('Gemm', [mean, weights('w9', 4, 5)], {}, 'logits'));
  g.output('logits', 'float32', null);
  const model = g.model();
  const nodes = model.graph.nodes.map((node): Node => ({
    ...node,
    name: names.get(node.outputs[0] ?? '') ?? '',
  }));
  return { ...model, graph: { ...model.graph, nodes } };
}

for (const [product, appended] of [
  ['Gemm', 'MatMulAddFusion'],
  ['MatMul', 'MatMulAddFusion_MatMul_quant'],
] as const)
  test(`nodes without a module between those of one leave it its output: ${appended}`, async () => {
    const layers = await layersOf(appended, blocks(product, appended));
    for (const path of ['blocks.0', 'blocks.1', 'blocks.2'])
      assert.deepEqual(
        layers.filter(({ name }) => name === path).map(({ by, shape }) => [by, shape]),
        [['Add', [1, 16, 4]]],
        layers.map(({ name }) => name).join(),
      );
    assert.ok(layers.every(({ name }) => !name.includes('MatMul')));
  });
