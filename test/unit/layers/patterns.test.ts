/** Which layers a pattern takes, and what is said where it takes none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layersFitting, patternsIn } from '../../../server/src/layers/patterns';

const names = [
  ...['stem', 'blocks.0', 'blocks.0.mlp', 'blocks.1', 'blocks.2', 'blocks.10', 'blocks.10.mlp'],
  ...['stages.0.blocks.0', 'stages.1.blocks.0', 'stages.1.blocks.1', 'head'],
];
const layers = names.map((name) => ({ name, tensor: name, shape: [1, 2, 3, 3] }));
const taken = (text: string): readonly string[] =>
  layersFitting(layers, patternsIn(text), 'net.onnx').map(({ name }) => name);

const rows: readonly (readonly [string, readonly string[]])[] = [
  ['all', names],
  ['stem', ['stem']],
  ['head, stem', ['stem', 'head']],
  ['*.mlp', ['blocks.0.mlp', 'blocks.10.mlp']],
  ['blocks[-1]', ['blocks.10']],
  ['blocks[0]', ['blocks.0']],
  ['blocks[-2],blocks[-1].mlp', ['blocks.2', 'blocks.10.mlp']],
  ['stages[-1].blocks[-1]', ['stages.1.blocks.1']],
  ['blocks.?', ['blocks.0', 'blocks.1', 'blocks.2']],
];

for (const [text, expected] of rows) test(text, () => assert.deepEqual(taken(text), expected));

test('a pattern that fits nothing is named, with what was probably meant', () => {
  for (const [text, fix] of [
    ['blocks.12', /Did you mean "blocks\.1/],
    ['blocks[-9]', /Its 11 layers are stem, blocks\.0,/],
    ['stem,tail.*', /Its 11 layers are/],
  ] as const)
    assert.throws(() => taken(text), { kind: 'usage', message: /net\.onnx: no layer matches "/, fix });
});

test('numbered modules of torchvision and Keras, and the modules of bare convolutions', () => {
  const pick = (all: readonly string[], text: string): readonly string[] =>
    layersFitting(
      all.map((name) => ({ name, tensor: name, shape: [1, 2, 3, 3] })),
      patternsIn(text),
      'net.onnx',
    ).map(({ name }) => name);
  const vit = ['conv_proj', ...[0, 1, 2, 10].map((n) => `encoder.layers.encoder_layer_${n}`), 'encoder.ln'];
  assert.deepEqual(pick(vit, 'encoder.layers[-1]'), ['encoder.layers.encoder_layer_10']);
  assert.deepEqual(pick(vit, 'encoder.layers[0]'), ['encoder.layers.encoder_layer_0']);
  const resnet = ['stem.0.conv', 'stem', 'layer1.0', 'layer1', 'layer3', 'layer4.1', 'layer4'];
  assert.deepEqual(pick(resnet, 'layer[-1]'), ['layer4']);
  assert.deepEqual(pick(resnet, 'stem.0'), ['stem.0.conv']);
  assert.deepEqual(pick(resnet, 'stem[0],layer[0][0]'), ['stem.0.conv', 'layer1.0']);
});
