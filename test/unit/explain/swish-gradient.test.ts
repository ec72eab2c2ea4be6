/** The rewritten gradient of x sigmoid(x): against differences in float64, over the whole range of x. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendGradients } from '../../../server/src/autodiff/driver';
import { factsOfModel } from '../../../server/src/autodiff/facts';
import { applyPasses, explainPasses } from '../../../server/src/explain/passes';
import { GraphBuilder } from '../../../server/src/onnx/builder';
import { elementCount, type Model } from '../../../server/src/onnx/model';
import type { Tensor } from '../../../server/src/runtime/session';
import { floats, runOnce } from './mini-network';

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

test('only x is kept: the forward pass shares no tensor with the backward pass', () => {
  const { nodes } = applyPasses(gradientModel([1, 16, 2, 2]), pass).graph;
  const readers = (name: string): readonly string[] =>
    nodes.filter(({ inputs }) => inputs.includes(name)).map(({ outputs: [output = ''] }) => output);
  assert.deepEqual(readers('s'), ['y']);
  assert.deepEqual(readers('y'), []);
});
