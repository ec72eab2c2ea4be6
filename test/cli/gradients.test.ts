/** What cannot be differentiated rightly is said by name, by a user's way: an ONNX file on the command line. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { float32Tensor, GraphBuilder, int64Tensor } from '../../server/src/onnx/builder';
import { encodeModel } from '../../server/src/onnx/write';
import { samplePath } from '../support/cli';
import { residentCli } from '../support/resident-cli';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('gradients');
const SIDE = 16;
const CHANNELS = 4;

/** image -> Conv "features" -> what `between` adds -> average over space -> logits. */
function network(name: string, between: (graph: GraphBuilder, features: string) => string): string {
  const graph = new GraphBuilder(name);
  const weights = (dims: readonly number[]): string => {
    const count = dims.reduce((a, b) => a * b, 1);
    return graph.constant(
      'w',
      float32Tensor(
        dims,
        Float32Array.from({ length: count }, (_, i) => Math.sin(i + 1)),
      ),
    );
  };
  const image = graph.input('image', 'float32', [1, 3, SIDE, SIDE]);
  const features = graph.node(
    'Conv',
    [image, weights([CHANNELS, 3, 3, 3])],
    { pads: [1, 1, 1, 1] },
    'features',
  );
  const pooled = graph.node('GlobalAveragePool', [between(graph, features)]);
  const flat = graph.node('Flatten', [pooled]);
  graph.output(graph.node('MatMul', [flat, weights([CHANNELS, 3])], {}, 'logits'), 'float32', [1, 3]);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.onnx`);
  writeFileSync(path, encodeModel(graph.model()));
  return path;
}

const analyze = (weights: string) =>
  residentCli([
    'analyze',
    samplePath,
    ...[
      '--pipeline',
      'imagenet',
      '--weights',
      weights,
      '--output',
      join(folder, 'report'),
      '--device',
      'cpu',
    ],
  ]);

/** (1) the mean of the features, which depends on the image. */
const mean = (graph: GraphBuilder, features: string): string =>
  graph.node('ReduceMean', [features], { axes: [0, 1, 2, 3], keepdims: 0 });

test('a Dropout in training mode', async () => {
  const path = network('training', (graph, features) => {
    const flag = graph.initializer('flag', { type: 'bool', dims: [], data: Uint8Array.of(1) });
    return graph.node('Dropout', [features, '', flag], {}, 'dropped');
  });
  const { code, stderr } = await analyze(path);
  assert.equal(code, 4, stderr);
  assert.match(stderr, /Dropout:dropped.*is in training mode.*random mask/);
});

test('weights that depend on the image take the heatmaps of what they depend on', async () => {
  const path = network('dynamic', (graph, features) => {
    const kernel = graph.node('Mul', [
      graph.constant(
        'base',
        float32Tensor([CHANNELS, CHANNELS, 1, 1], new Float32Array(CHANNELS ** 2).fill(1)),
      ),
      mean(graph, features),
    ]);
    return graph.node('Conv', [features, kernel], {}, 'mixed');
  });
  const { code, stdout, stderr } = await analyze(path);
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /warning +1 of \d layers have activations but no heatmaps\. .*"Conv:mixed" \(Conv\).*its input "W" depends on the image/,
  );
});

test('bounds, borders and statistics that depend on the image are explained', async () => {
  const path = network('paths', (graph, features) => {
    const scalar = mean(graph, features);
    const low = graph.node('Clip', [features, scalar]);
    const pads = graph.constant('pads', int64Tensor([0, 0, 1, 1, 0, 0, 1, 1]));
    const padded = graph.node('Pad', [low, pads, scalar]);
    const ones = graph.constant('ones', float32Tensor([CHANNELS], [1, 1, 1, 1]));
    const variance = graph.node('Add', [graph.node('Mul', [scalar, scalar]), ones]);
    const shift = graph.node('Mul', [scalar, ones]);
    return graph.node('BatchNormalization', [padded, ones, shift, shift, variance], {}, 'normalized');
  });
  const { code, stderr } = await analyze(path);
  assert.equal(code, 0, stderr);
});
