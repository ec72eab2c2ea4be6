/** The rewritten gradient of x sigmoid(x): against differences in float64, over the whole range of x. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendGradients } from '../../../server/src/autodiff/driver';
import { factsOfModel } from '../../../server/src/autodiff/facts';
import { seededClassifier } from '../../../server/src/architectures/classifier';
import { findArchitecture } from '../../../server/src/architectures/registry';
import { assembleExplainGraph } from '../../../server/src/explain/assemble';
import { explainPasses } from '../../../server/src/explain/passes';
import { GraphBuilder } from '../../../server/src/onnx/builder';
import { elementCount, type Graph, type Model } from '../../../server/src/onnx/model';
import type { Tensor } from '../../../server/src/runtime/session';
import { floats, runOnce } from './mini-network';
import { applyPasses } from '../../support/apply-passes';

const pass = explainPasses.filter(({ name }) => name === 'swish-gradient');
const tails = [-1e4, -1000, -88, -50, -20, 20, 50, 88, 1000, 1e4];
const middle = Array.from({ length: 54 }, (_, i) => (i - 26.5) / 3);
const values = [...tails, ...middle];

/** dx of sum(dy y) for y = x sigmoid(x). */
function gradientModel(dims: readonly number[]): Model {
  const builder = new GraphBuilder('swish');
  const x = builder.input('x', 'float32', dims);
  const dy = builder.input('dy', 'float32', dims);
  const y = builder.node('Mul', [x, builder.node('Sigmoid', [x], {}, 's')], {}, 'y');
  const { nodes } = builder.graph();
  const facts = factsOfModel(builder.model(), { x: dims, dy: dims });
  const seeds = new Map([[y, dy]]);
  const gradient = appendGradients({ builder, nodes: [...nodes], facts, seeds, wrt: [x] }).get(x) ?? '';
  builder.output(builder.node('Identity', [gradient], {}, 'dx'), 'float32', dims);
  builder.output('y', 'float32', dims);
  return builder.model();
}

const swish = (x: number): number => x / (1 + Math.exp(-x));
const difference = (x: number): number => {
  const h = 1e-4 * Math.max(1, Math.abs(x));
  return (swish(x + h) - swish(x - h)) / (2 * h);
};

const tensor = (dims: readonly number[], data: readonly number[]): Tensor => ({
  type: 'float32',
  dims,
  data: Float32Array.from(data),
});

for (const dims of [
  [1, 64, 1, 1],
  [1, 16, 2, 2],
  [2, 4, 4, 2],
  [4, 16],
  [1, 16, 4],
]) {
  test(`shape ${dims.join('x')}`, async () => {
    assert.equal(elementCount(dims), values.length);
    const plain = gradientModel(dims);
    const rewritten = applyPasses(plain, pass);
    assert.notEqual(rewritten, plain);
    const isImage = dims.length === 4;
    assert.equal(
      rewritten.graph.nodes.some(({ opType }) => opType === 'HardSigmoid'),
      !isImage,
      'an image recomputes its sigmoid',
    );
    const dy = values.map((_, i) => 1 + (i % 5) / 4);
    const feeds = { x: tensor(dims, values), dy: tensor(dims, dy) };
    for (const optimization of ['disabled', 'all'] as const) {
      const dx = floats((await runOnce(rewritten, feeds, optimization))['dx']);
      values.forEach((x, i) => {
        const [expected, found] = [(dy[i] ?? NaN) * difference(x), dx[i] ?? NaN];
        // The runtime's sigmoid is off by about 1e-8 where it should vanish, which the factor x makes visible.
        const tolerance = 3e-6 + 3e-8 * Math.abs(x);
        assert.ok(Math.abs(found - expected) < tolerance, `x = ${x}: ${found}, expected ${expected}`);
      });
    }
  });
}

/** The input of every x sigmoid(x). */
function swishes({ nodes }: Graph): readonly string[] {
  const inputOf = new Map(
    nodes.filter(({ opType }) => opType === 'Sigmoid').map(({ inputs, outputs }) => [outputs[0], inputs[0]]),
  );
  return nodes.flatMap(({ opType, inputs: [a = '', b = ''] }) => {
    if (opType !== 'Mul') return [];
    if (inputOf.get(a) === b) return [b];
    return inputOf.get(b) === a ? [a] : [];
  });
}

/** The tensors whose sigmoid is computed once more behind a depthwise 1x1 convolution, as the pass writes it. */
function recomputed({ nodes }: Graph): readonly string[] {
  const producers = new Map(nodes.map((node) => [node.outputs[0], node]));
  return nodes.flatMap(({ opType, inputs }) => {
    const conv = opType === 'Sigmoid' ? producers.get(inputs[0]) : undefined;
    const copies = conv?.opType === 'Conv' && conv.inputs[1]?.includes('constant/filled/') === true;
    return copies ? [conv.inputs[0] ?? ''] : [];
  });
}

test('every Swish of EfficientNet-B5 has its gradient rewritten, those of strided blocks phase by phase', async () => {
  const architecture = findArchitecture('efficientnet_pytorch/b5');
  assert.ok(architecture);
  const { model, input, logits, layers } = await seededClassifier(architecture, { classes: 2 });
  const request = { model, inputShape: input.shape, logits, layers, methods: ['gradcam'] as const };
  const { graph } = assembleExplainGraph(request).model;
  // Stem, head, and in each of 39 blocks depthwise and squeeze, in 36 the expansion.
  assert.equal(swishes(model.graph).length, 2 + 39 * 2 + 36);
  // Three more phases in each of the four blocks of stride 2 that expand.
  const found = swishes(graph);
  assert.equal(found.length, 2 + 39 * 2 + 36 + 4 * 3);
  assert.deepEqual(recomputed(graph).toSorted(), found.toSorted());
  const left = graph.nodes.filter(({ opType }) => opType === 'HardSigmoid');
  assert.equal(left.length, 39, 'the gate of each block, which is no Swish');
});

test('x is kept, y and the sigmoid are not: the forward pass has them for itself, and is fused', () => {
  const { nodes } = applyPasses(gradientModel([1, 16, 2, 2]), pass).graph;
  const readers = (name: string): readonly (string | undefined)[] =>
    nodes.filter(({ inputs }) => inputs.includes(name)).map(({ outputs: [output] }) => output);
  assert.deepEqual(readers('s'), ['y']);
  assert.deepEqual(readers('y'), []);
  assert.equal(readers('x').length, 5, 'sigmoid and product, forward; sigmoid, product and slope, backward');
});
