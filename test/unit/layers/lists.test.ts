/** An encoder that keeps its blocks in lists of lists, as SegFormer and PoolFormer of transformers do: the blocks are layers, not the encoder alone. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fillUniform, fnv1a32 } from '../../../server/src/architectures/seeded';
import { float32Tensor, GraphBuilder } from '../../../server/src/onnx/builder';
import { writeModel } from '../../../server/src/onnx/write';
import { openOnnxClassifier } from '../../../server/src/pipeline/network/onnx/open';
import { temporaryFolder } from '../../support/temp';

const stages = [0, 1, 2, 3];
const blocks = stages.flatMap((stage) => [`${stage}.0`, `${stage}.1`]);

test('blocks in lists within a module that does something itself', async () => {
  const g = new GraphBuilder('lists');
  const names = new Map<string, string>();
  const node = (opType: string, inputs: readonly string[], name: string, attributes = {}): string => {
    const output = g.node(opType, inputs, attributes, name);
    names.set(output, name);
    return output;
  };
  const weights = (seed: string, ...dims: number[]): string => {
    const values = new Float32Array(dims.reduce((a, b) => a * b));
    return g.constant(seed, float32Tensor(dims, fillUniform(values, fnv1a32(seed), 0.4)));
  };
  let x = g.input('x', 'float32', [1, 3, 16, 16]);
  blocks.forEach((block, index) => {
    const within = `/net/encoder/block.${block}`;
    const inner = node(
      'Conv',
      [x, weights(`w${block}`, 4, index === 0 ? 3 : 4, 1, 1)],
      `${within}/conv1/Conv`,
    );
    const relu = node('Relu', [inner], `${within}/act/Relu`);
    x = node('Conv', [relu, weights(`v${block}`, 4, 4, 1, 1)], `${within}/conv2/Conv`);
  });
  x = node('Mul', [x, g.constant('two', float32Tensor([], [2]))], '/net/encoder/Mul');
  const mean = node('ReduceMean', [x], '/ReduceMean', { axes: [2, 3], keepdims: 0 });
  g.output(node('Gemm', [mean, weights('w', 4, 5)], '/classifier/Gemm'), 'float32', null);
  const model = g.model();
  const nodes = model.graph.nodes.map((each) => ({ ...each, name: names.get(each.outputs[0] ?? '') ?? '' }));
  const path = join(temporaryFolder('layers-in-lists'), 'net.onnx');
  await writeModel({ ...model, graph: { ...model.graph, nodes } }, path);
  const { layers } = await openOnnxClassifier(path, { inputSize: null });
  const found = layers.map(({ name }) => name);
  assert.deepEqual(
    blocks.map((block) => `net.encoder.block.${block}`).filter((name) => !found.includes(name)),
    [],
    found.join(),
  );
});
