/** Gradients of Relu, MaxPool and strided convolutions as the CPU takes them: the same numbers as the rules give. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { appendGradients } from '../../../server/src/autodiff/driver';
import { factsOfModel } from '../../../server/src/autodiff/facts';
import { keepBlocked } from '../../../server/src/explain/blocked';
import { maxPoolGradient } from '../../../server/src/explain/blocked/max-pool-gradient';
import { reluMask } from '../../../server/src/explain/blocked/relu-mask';
import { relu6Mask } from '../../../server/src/explain/blocked/relu6-mask';
import { stridedAdjoint } from '../../../server/src/explain/blocked/strided-adjoint';
import type { GraphPass } from '../../../server/src/explain/passes';
import { rewrite } from '../../../server/src/explain/passes';
import { float32Tensor, GraphBuilder } from '../../../server/src/onnx/builder';
import type { AttributeInput } from '../../../server/src/onnx/builder';
import type { Model } from '../../../server/src/onnx/model';
import { channelBlock } from '../../../server/src/runtime/blocked-layout';
import type { Tensor } from '../../../server/src/runtime/session';
import { relativeL2 } from '../../support/golden';
import { floats, randomImage, runOnce } from './mini-network';

type Attributes = Readonly<Record<string, AttributeInput>>;

/** dx of sum(dy f(x)), of one operator f. @param bounds further inputs, a number each */
function gradientOf(
  opType: string,
  shape: readonly number[],
  attributes: Attributes = {},
  weights?: readonly number[],
  bounds: readonly number[] = [],
): { readonly model: Model; readonly dy: readonly number[] } {
  const builder = new GraphBuilder('gradient');
  const x = builder.input('x', 'float32', shape);
  const w = weights === undefined ? [] : [weightsOf(builder, weights)];
  const more = bounds.map((value) => builder.constant('bound', float32Tensor([], [value])));
  const y = builder.node(opType, [x, ...w, ...more], attributes, 'y');
  const { nodes } = builder.graph();
  const dims = factsOfModel(builder.model(), { x: shape }).factsOf(y)?.dims ?? [];
  const dy = builder.input('dy', 'float32', dims);
  const facts = factsOfModel(builder.model(), { x: shape, dy: dims });
  const seeds = new Map([[y, dy]]);
  const dx = appendGradients({ builder, nodes: [...nodes], facts, seeds, wrt: [x] }).get(x) ?? '';
  builder.output(builder.node('Identity', [dx], {}, 'dx'), 'float32', shape);
  return { model: builder.model(), dy: dims };
}

const weightsOf = (builder: GraphBuilder, dims: readonly number[]): string =>
  builder.initializer('w', float32Tensor(dims, randomImage(dims, 'w').data as Float32Array));

const operators = ({ graph }: Model): readonly string[] => graph.nodes.map(({ opType }) => opType);

/** Numbers of which many are equal and half are zero, as behind a Relu. */
function coarse(shape: readonly number[]): Tensor {
  const image = randomImage(shape, 'x');
  return { ...image, data: floats(image).map((value) => Math.max(0, Math.round(3 * value))) } as Tensor;
}

const passed = (model: Model, pass: GraphPass): Model => rewrite(model, [pass]).model;

test('Relu: a product with zeros and ones', async () => {
  const values = [-Infinity, -1e30, -1, -(2 ** -149), -0, 0, 2 ** -126, 1e-30, 1, 1e30, Infinity];
  const shape = [values.length];
  const { model } = gradientOf('Relu', shape);
  const product = passed(model, reluMask);
  assert.deepEqual(operators(product), ['Relu', 'HardSigmoid', 'Mul', 'Identity']);
  const feeds = {
    x: { type: 'float32' as const, dims: shape, data: Float32Array.from(values) },
    dy: { type: 'float32' as const, dims: shape, data: Float32Array.from(values, (_, i) => i + 1) },
  };
  const { dx } = await runOnce(product, feeds, 'all');
  assert.deepEqual(
    [...floats(dx)],
    values.map((value, i) => (value > 0 ? i + 1 : 0)),
  );
});

test('ReLU6: a product with zeros and ones, in blocks that are full and in others', async (t) => {
  const block = await channelBlock();
  if (block === null) {
    t.skip('the runtime has no blocked layout on this CPU');
    return;
  }
  const edges = [-Infinity, -1, -0, 0, 1e-30, 1, 6 - 2 ** -20, 6, 6 + 2 ** -20, 1e30, Infinity];
  for (const channels of [block, block + 4]) {
    const shape = [1, channels, 3, 5];
    const data = floats(randomImage(shape, 'x')).map((value, i) => edges[i % 40] ?? 4 * value + 3);
    const { model } = gradientOf('Clip', shape, {}, undefined, [0, 6]);
    const { model: product, shapes } = rewrite(model, [relu6Mask(block)]);
    assert.ok(!operators(product).includes('Where'));
    const dy = randomImage(shape, 'dy');
    const expected = data.map((value, i) => (value > 0 && value < 6 ? (floats(dy)[i] ?? NaN) : 0));
    for (const each of [model, product, keepBlocked(product, shapes, block)]) {
      const { dx } = await runOnce(each, { x: { type: 'float32', dims: shape, data }, dy }, 'disabled');
      assert.deepEqual(
        floats(dx).map((value) => value + 0),
        expected.map((value) => value + 0),
      ); // -0 is 0
    }
  }
  for (const [shape, bounds] of [
    [
      [1, 16, 3, 5],
      [0, 5],
    ],
    [
      [1, 6, 3, 5],
      [0, 6],
    ],
    [
      [2, 16, 3, 5],
      [0, 6],
    ],
    [
      [1, 16],
      [0, 6],
    ],
  ] as const) {
    const { model } = gradientOf('Clip', shape, {}, undefined, bounds);
    assert.deepEqual(operators(passed(model, relu6Mask(block))), operators(model));
  }
});

describe('MaxPool: added up at the winners', () => {
  const pools: Readonly<Record<string, Attributes>> = {
    'windows that overlap': { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
    'windows side by side': { kernel_shape: [2, 2], strides: [2, 2] },
    'windows with gaps': { kernel_shape: [2, 3], strides: [3, 4], pads: [0, 1, 1, 0] },
    'holes, and more windows than fit': {
      kernel_shape: [3, 2],
      dilations: [2, 1],
      ceil_mode: 1,
      strides: [2, 2],
    },
  };
  for (const [name, attributes] of Object.entries(pools))
    test(name, async () => {
      const shape = [2, 3, 13, 16];
      const { model, dy } = gradientOf('MaxPool', shape, attributes);
      const scattered = passed(model, maxPoolGradient);
      assert.ok(operators(scattered).includes('ScatterElements'));
      for (const gone of ['Where', 'Mod', 'ConvTranspose', 'Pad'])
        assert.ok(!operators(scattered).includes(gone), gone);
      const feeds = { x: coarse(shape), dy: randomImage(dy, 'dy') };
      const [found, expected] = [
        await runOnce(scattered, feeds, 'all'),
        await runOnce(model, feeds, 'disabled'),
      ];
      assert.ok(relativeL2(floats(found['dx']), floats(expected['dx'])) < 1e-6);
    });

  test('an image that the rule has cut stays as it is', () => {
    const attributes = { kernel_shape: [1, 1], strides: [3, 3], auto_pad: 'SAME_LOWER' };
    const { model } = gradientOf('MaxPool', [1, 3, 14, 14], attributes);
    assert.ok(operators(model).filter((operator) => operator === 'Pad').length > 1);
    assert.deepEqual(operators(passed(model, maxPoolGradient)), operators(model));
  });
});

describe('Conv with stride 2: four convolutions, woven in blocks', () => {
  let block: number | null = null;
  before(async () => {
    block = await channelBlock();
  });
  const rows: readonly (readonly [string, number, readonly number[], number, readonly number[]])[] = [
    ['3x3', 3, [1, 1, 1, 1], 32, [12, 14]],
    ['3x3 of an odd size, blocks not filled', 3, [1, 1, 1, 1], 36, [13, 15]],
    ['1x1', 1, [0, 0, 0, 0], 32, [12, 14]],
    ['1x1 of an odd size', 1, [0, 0, 0, 0], 20, [13, 14]],
    ['7x7', 7, [3, 3, 3, 3], 16, [20, 22]],
    ['2x2', 2, [0, 0, 0, 0], 48, [8, 6]],
    ['4x4 on one side', 4, [2, 0, 1, 1], 16, [11, 12]],
  ];
  for (const [name, k, pads, channels, size] of rows)
    test(name, async (t) => {
      if (block === null) {
        t.skip('the runtime has no blocked layout on this CPU');
        return;
      }
      const shape = [1, channels, ...size];
      const attributes = { kernel_shape: [k, k], strides: [2, 2], pads };
      const { model, dy } = gradientOf('Conv', shape, attributes, [24, channels, k, k]);
      const { model: woven, shapes } = rewrite(model, [stridedAdjoint(block)]);
      if (channels < block) {
        assert.deepEqual(operators(woven), operators(model));
        return;
      }
      assert.ok(!operators(woven).includes('ConvTranspose'));
      const feeds = { x: randomImage(shape, 'x'), dy: randomImage(dy, 'dy') };
      const expected = floats((await runOnce(model, feeds, 'disabled'))['dx']);
      for (const each of [woven, keepBlocked(woven, shapes, block)])
        assert.ok(relativeL2(floats((await runOnce(each, feeds, 'disabled'))['dx']), expected) < 1e-6);
    });

  test('several groups, another stride, and too few channels are left', () => {
    const left: readonly (readonly [number, Attributes])[] = [
      [2, { strides: [2, 2], group: 2 }],
      [1, { strides: [3, 2] }],
    ];
    for (const [groups, attributes] of left) {
      const shape = [1, 32, 9, 9];
      const { model } = gradientOf('Conv', shape, { kernel_shape: [3, 3], ...attributes }, [
        8,
        32 / groups,
        3,
        3,
      ]);
      assert.deepEqual(operators(passed(model, stridedAdjoint(16))), operators(model));
    }
    const few = gradientOf('Conv', [1, 12, 9, 9], { kernel_shape: [3, 3], strides: [2, 2] }, [8, 12, 3, 3]);
    assert.deepEqual(operators(passed(few.model, stridedAdjoint(16))), operators(few.model));
  });
});
