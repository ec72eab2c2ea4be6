/** Each pass leaves the results as they are, and does what it is for. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assembleExplainGraph } from '../../../server/src/explain/assemble';
import { explainPasses } from '../../../server/src/explain/passes';
import { pruneTo } from '../../../server/src/onnx/prune';
import { float32Tensor, GraphBuilder } from '../../../server/src/onnx/builder';
import { elementCount, type Model } from '../../../server/src/onnx/model';
import { relativeL2 } from '../../support/golden';
import { generator } from '../autodiff/random';
import { floats, miniNetwork, randomImage, runOnce, target } from './mini-network';
import { applyPasses } from '../../support/apply-passes';

const shape = [1, 3, 22, 27];
const only = (...names: readonly string[]) => explainPasses.filter(({ name }) => names.includes(name));
const strideOneAdjoint = (model: Model): Model => applyPasses(model, only('stride-one-adjoint'));
const stridedDepthwiseAdjoint = (model: Model): Model =>
  applyPasses(model, only('strided-depthwise-adjoint'));
const ops = (model: Model): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const { opType } of model.graph.nodes) counts.set(opType, (counts.get(opType) ?? 0) + 1);
  return counts;
};

for (const kind of ['squeeze-excite', 'relu'] as const) {
  const network = miniNetwork(kind, shape);
  const request = { ...network, methods: ['gradcam', 'layercam'] as const };
  const feeds = { image: randomImage(shape), target: target(1) };

  describe(kind, () => {
    test('every prefix of the passes computes the same', async () => {
      const plain = await runOnce(assembleExplainGraph(request, []).model, feeds, 'disabled');
      for (let count = 1; count <= explainPasses.length; count++) {
        const { model } = assembleExplainGraph(request, explainPasses.slice(0, count));
        const results = await runOnce(model, feeds, 'disabled');
        assert.deepEqual(Object.keys(results).sort(), Object.keys(plain).sort());
        for (const [name, expected] of Object.entries(plain)) {
          assert.deepEqual(results[name]?.dims, expected.dims);
          if (expected.type !== 'float32') continue;
          const distance = relativeL2(floats(results[name]), expected.data);
          assert.ok(distance < 1e-4, `${explainPasses[count - 1]?.name}: ${name} differs by ${distance}`);
        }
      }
    });
  });
}

describe('what is left', () => {
  const request = { ...miniNetwork('squeeze-excite', shape), methods: ['gradcam'] as const };
  const plain = ops(assembleExplainGraph(request, []).model);
  const final = assembleExplainGraph(request).model;

  test('no ConvTranspose is left, nor anything that weaves a wide gradient', () => {
    assert.ok((plain.get('ConvTranspose') ?? 0) > 10);
    for (const op of ['ConvTranspose', 'DepthToSpace']) assert.equal(ops(final).get(op), undefined);
  });

  test('a strided block whose wide activation is reported keeps it, and its ConvTranspose', () => {
    const { nodes } = request.model.graph;
    const strided = nodes.filter(
      ({ opType, inputs }) => opType === 'Conv' && inputs[1] === 'block_2.depthwise.weight',
    );
    const layers = [...request.layers, { name: 'wide', tensor: strided[0]?.inputs[0] ?? '' }];
    assert.equal(ops(assembleExplainGraph({ ...request, layers }).model).get('ConvTranspose'), 1);
  });

  test('only the BatchNormalization whose input is reported too stays', () => {
    assert.ok((plain.get('BatchNormalization') ?? 0) > 1);
    assert.equal(ops(final).get('BatchNormalization'), 1);
  });

  test('gates move into weights where those are smaller than the activation: in two of three blocks', () => {
    assert.equal(plain.get('Expand'), 4, 'one pooling a gate, and the last one');
    assert.equal(ops(final).get('Expand'), 2);
    assert.equal(ops(final).get('Gemm'), (plain.get('Gemm') ?? 0) + 2);
  });

  test('weights are not duplicated: nothing large is added to the initializers', () => {
    const added = [...final.graph.initializers].filter(
      ([name]) => !request.model.graph.initializers.has(name),
    );
    const bytes = added.reduce((sum, [, { dims }]) => sum + 4 * elementCount(dims), 0);
    assert.ok(bytes < 4096, `${bytes} bytes`);
  });
});

/** A narrow x, expanded to 8 channels, and a strided depthwise convolution of that. */
function strided(size: readonly number[], kernel: number, pads: readonly number[], batch: number): Model {
  const random = generator(5);
  const builder = new GraphBuilder('strided');
  const weight = (name: string, dims: readonly number[]): string =>
    builder.initializer(
      name,
      float32Tensor(
        dims,
        Float32Array.from({ length: elementCount(dims) }, () => 2 * random() - 1),
      ),
    );
  const x = builder.input('x', 'float32', [batch, 3, ...size]);
  const wide = builder.node('Conv', [x, weight('expand', [8, 3, 1, 1]), weight('bias', [8])]);
  const active = builder.node('Mul', [wide, builder.node('Sigmoid', [wide])]);
  const attributes = { strides: [2, 2], group: 8, pads };
  builder.output(
    builder.node(
      'Conv',
      [active, weight('w', [8, 1, kernel, kernel]), ...(kernel === 3 ? [weight('b', [8])] : [])],
      attributes,
      'y',
    ),
    'float32',
    null,
  );
  return builder.model();
}

describe('phases', () => {
  const pass = (model: Model): Model => applyPasses(model, only('strided-phases'), 'forward');
  for (const kernel of [2, 3, 5, 7]) {
    for (const size of [
      [8, 9],
      [11, 6],
      [7, 13],
    ]) {
      for (const pads of [
        [0, 0, 0, 0],
        [0, 1, 1, 0],
        [1, 2, 2, 1],
        [3, 3, 3, 3],
      ]) {
        if (kernel > Math.min(...size)) continue;
        test(`kernel ${kernel}, ${size.join('x')}, pads ${pads.join()}`, async () => {
          const model = strided(size, kernel, pads, 2);
          const rewritten = pass(model);
          assert.notEqual(rewritten, model);
          assert.equal(ops(rewritten).get('Sigmoid'), 4);
          const feeds = { x: randomImage(model.graph.inputs[0]!.dims as number[]) };
          const [expected, found] = [await runOnce(model, feeds), await runOnce(rewritten, feeds)];
          assert.deepEqual(found['y']?.dims, expected['y']?.dims);
          assert.ok(relativeL2(floats(found['y']), floats(expected['y'])) < 1e-5);
        });
      }
    }
  }

  test('an expansion that is an output is left alone', () => {
    const model = strided([8, 8], 3, [1, 1, 1, 1], 1);
    const [wide] = model.graph.nodes;
    const outputs = [
      ...model.graph.outputs,
      { name: wide!.outputs[0]!, type: 'float32' as const, dims: null },
    ];
    const reported = { ...model, graph: { ...model.graph, outputs } };
    assert.equal(pass(reported), reported);
  });
});

/** A ConvTranspose of constant random weights as a model. */
function transposed(
  input: readonly number[],
  weight: readonly number[],
  attributes: Readonly<Record<string, number | readonly number[]>>,
  bias = false,
): Model {
  const random = generator(3);
  const values = (dims: readonly number[]) =>
    float32Tensor(
      dims,
      Float32Array.from({ length: elementCount(dims) }, () => 2 * random() - 1),
    );
  const builder = new GraphBuilder('transposed');
  const inputs = [builder.input('x', 'float32', input), builder.initializer('w', values(weight))];
  const group = typeof attributes['group'] === 'number' ? attributes['group'] : 1;
  if (bias) inputs.push(builder.initializer('b', values([(weight[1] ?? 1) * group])));
  builder.output(builder.node('ConvTranspose', inputs, attributes, 'y'), 'float32', null);
  return builder.model();
}

describe('adjoints', () => {
  const same = async (before: Model, after: Model): Promise<void> => {
    const feeds = { x: randomImage(before.graph.inputs[0]!.dims as number[]) };
    const [expected, found] = [await runOnce(before, feeds), await runOnce(after, feeds)];
    assert.deepEqual(found['y']?.dims, expected['y']?.dims);
    assert.ok(relativeL2(floats(found['y']), floats(expected['y'])) < 1e-5);
  };

  const strideOne: readonly (readonly [string, Model])[] = [
    ['asymmetric pads', transposed([1, 4, 5, 6], [4, 3, 3, 2], { pads: [1, 0, 2, 1] })],
    ['groups, bias', transposed([2, 4, 5, 6], [4, 3, 3, 3], { group: 2 }, true)],
    ['dilation', transposed([1, 2, 4, 4], [2, 2, 3, 3], { dilations: [2, 1], pads: [2, 1, 2, 1] })],
    ['one axis', transposed([1, 2, 7], [2, 3, 3], { pads: [1, 1] })],
  ];
  for (const [name, model] of strideOne) {
    test(`stride 1: ${name}`, async () => {
      const rewritten = strideOneAdjoint(model);
      assert.equal(ops(rewritten).get('ConvTranspose'), undefined);
      await same(model, rewritten);
    });
  }

  for (const kernel of [4, 5, 7]) {
    for (const pads of [
      [0, 0, 0, 0],
      [1, 0, 0, 1],
      [1, 2, 2, 1],
    ]) {
      for (const padding of [0, 1]) {
        test(`depthwise stride 2: kernel ${kernel}, pads ${pads.join()}, output padding ${padding}`, async () => {
          const model = transposed([2, 3, 5, 4], [3, 1, kernel, kernel], {
            strides: [2, 2],
            group: 3,
            pads,
            output_padding: [padding, 1 - padding],
          });
          const rewritten = stridedDepthwiseAdjoint(model);
          assert.equal(ops(rewritten).get('ConvTranspose'), undefined);
          await same(model, rewritten);
        });
      }
    }
  }

  test('what does not fit is left alone', () => {
    const cases = [
      transposed([1, 2, 4, 4], [2, 2, 3, 3], { strides: [2, 2] }),
      transposed([1, 2, 4, 4], [2, 1, 5, 5], { strides: [3, 3], group: 2 }),
      transposed([1, 2, 4, 4], [2, 1, 3, 3], { strides: [2, 2], group: 2 }),
      transposed([1, 2, 4, 4], [2, 2, 2, 2], { pads: [2, 2, 2, 2] }),
    ];
    for (const model of cases) assert.equal(stridedDepthwiseAdjoint(strideOneAdjoint(model)), model);
  });
});

test('pruning drops nodes and constants that no output needs', () => {
  const builder = new GraphBuilder('dead code');
  const x = builder.input('x', 'float32', [2]);
  builder.node('Mul', [x, builder.constant('unused', float32Tensor([2], [1, 2]))], {}, 'dead');
  builder.output(builder.node('Neg', [x], {}, 'y'), 'float32', [2]);
  const { nodes, initializers } = pruneTo(builder.graph());
  assert.deepEqual([nodes.length, initializers.size], [1, 0]);
});
