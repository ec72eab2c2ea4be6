/** The gradient of a Clip from one comparison: the same as from two, at the bounds and around them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendGradients } from '../../../server/src/autodiff/driver';
import { factsOfModel } from '../../../server/src/autodiff/facts';
import { explainPasses } from '../../../server/src/explain/passes';
import { float32Tensor, GraphBuilder } from '../../../server/src/onnx/builder';
import type { Model } from '../../../server/src/onnx/model';
import { floats, runOnce } from './mini-network';
import { applyPasses } from '../../support/apply-passes';

const pass = explainPasses.filter(({ name }) => name === 'clip-gradient');
const NEXT = new Float32Array([6 + 2 ** -21, 6 - 2 ** -21, 2 ** -149, -(2 ** -149)]);
const VALUES = [-Infinity, -1e30, -1, -0, 0, 1, 3, 6, 7, 1e30, Infinity, ...NEXT];

/** dx of sum(dy clip(x)), and clip(x). */
function gradientModel(low: number | null, high: number | null, opset?: number): Model {
  const builder = new GraphBuilder('clip');
  const dims = [VALUES.length];
  const x = builder.input('x', 'float32', dims);
  const dy = builder.input('dy', 'float32', dims);
  const bound = (name: string, value: number | null): string =>
    value === null ? '' : builder.initializer(name, float32Tensor([], [value]));
  const y = builder.node('Clip', [x, bound('low', low), bound('high', high)], {}, 'y');
  const { nodes } = builder.graph();
  const facts = factsOfModel(builder.model(), { x: dims, dy: dims });
  const seeds = new Map([[y, dy]]);
  const gradient = appendGradients({ builder, nodes: [...nodes], facts, seeds, wrt: [x] }).get(x) ?? '';
  builder.output(builder.node('Identity', [gradient], {}, 'dx'), 'float32', dims);
  builder.output('y', 'float32', dims);
  const model = builder.model();
  return opset === undefined ? model : { ...model, opsets: new Map([['', opset]]) };
}

const operators = ({ graph }: Model): readonly string[] => graph.nodes.map(({ opType }) => opType);

for (const [low, high] of [
  [0, 1],
  [-1, 1],
  [3, 3],
  [-Infinity, 6],
] as const)
  test(`between ${low} and ${high}`, async () => {
    const model = gradientModel(low, high);
    const passed = applyPasses(model, pass);
    assert.ok(operators(passed).includes('Equal'));
    assert.ok(!operators(passed).includes('Or'));
    const feeds = {
      x: { type: 'float32' as const, dims: [VALUES.length], data: Float32Array.from(VALUES) },
      dy: {
        type: 'float32' as const,
        dims: [VALUES.length],
        data: Float32Array.from(VALUES, (_, i) => i + 1),
      },
    };
    const [found, expected] = [
      await runOnce(passed, feeds, 'disabled'),
      await runOnce(model, feeds, 'disabled'),
    ];
    assert.deepEqual(floats(found['dx']), floats(expected['dx']));
    const inside = (x: number): boolean => low <= x && x <= high;
    assert.deepEqual(
      [...floats(found['dx'])],
      VALUES.map((x, i) => (inside(Math.fround(x)) ? i + 1 : 0)),
    );
  });

test('between 0 and 6 nothing passes at the bounds, as through a ReLU6', async () => {
  const model = gradientModel(0, 6);
  assert.deepEqual(operators(applyPasses(model, pass)), operators(model));
  const data = Float32Array.from(VALUES);
  const dy = Float32Array.from(VALUES, (_, i) => i + 1);
  const one = (values: Float32Array) => ({ type: 'float32' as const, dims: [VALUES.length], data: values });
  const { dx } = await runOnce(model, { x: one(data), dy: one(dy) }, 'disabled');
  assert.deepEqual(
    [...floats(dx)],
    VALUES.map((x, i) => (Math.fround(x) > 0 && Math.fround(x) < 6 ? i + 1 : 0)),
  );
});

test('bounds that cross, one bound alone, and an opset that compares no floats are left', () => {
  for (const model of [
    gradientModel(6, 0),
    gradientModel(0, null),
    gradientModel(null, 6),
    gradientModel(0, 1, 10),
  ])
    assert.deepEqual(operators(applyPasses(model, pass)), operators(model));
});
