/** The driver: reach, accumulation, keys, errors; and the choices at ties and kinks, which are PyTorch's. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { appendGradients } from '../../../server/src/autodiff/driver';
import { RuleRegistry } from '../../../server/src/autodiff/registry';
import { standardRules } from '../../../server/src/autodiff/rules';
import { LensError } from '../../../server/src/errors';
import { float32Tensor, GraphBuilder } from '../../../server/src/onnx/builder';
import type { Node } from '../../../server/src/onnx/model';
import { numbersOf } from '../../../server/src/onnx/typed-data';
import { encodeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';

/** The elements of an initializer. */
function numbersIn(builder: GraphBuilder, name: string): readonly number[] | undefined {
  const tensor = builder.graph().initializers.get(name);
  return tensor && (numbersOf(tensor) ?? undefined);
}

/** Facts for graphs in which every float tensor has one shape. */
function factsFor(builder: GraphBuilder, dims: readonly number[] = [2]) {
  return {
    opset: 17,
    factsOf: () => ({ type: 'float32' as const, dims }),
    valueOf: (name: string) => numbersIn(builder, name),
  };
}

function differentiate(builder: GraphBuilder, wrt: readonly string[], dims: readonly number[] = [2]) {
  const before = builder.graph().nodes.length;
  const gradients = appendGradients({
    builder,
    nodes: [...builder.graph().nodes],
    facts: factsFor(builder, dims),
    seeds: new Map([['y', builder.input('dy', 'float32', dims)]]),
    wrt,
  });
  return { gradients, added: builder.graph().nodes.slice(before) };
}

const ops = (nodes: readonly Node[]): string[] => nodes.map(({ opType }) => opType);

describe('driver', () => {
  test('one contribution is not summed, two make an Add, three a Sum', () => {
    for (const [uses, expected] of [
      [1, []],
      [2, ['Add']],
      [3, ['Sum']],
    ] as const) {
      const builder = new GraphBuilder('fan-out');
      const x = builder.input('x', 'float32', [2]);
      const copies = Array.from({ length: uses }, () => builder.node('Identity', [x]));
      builder.node('Sum', copies, {}, 'y');
      assert.deepEqual(ops(differentiate(builder, ['x']).added), expected);
    }
  });

  test('a node that reads one tensor twice contributes twice', () => {
    const builder = new GraphBuilder('square');
    builder.node('Mul', [builder.input('x', 'float32', [2]), 'x'], {}, 'y');
    assert.deepEqual(ops(differentiate(builder, ['x']).added), ['Mul', 'Mul', 'Add']);
  });

  test('nothing upstream of the tensors requested is differentiated', () => {
    const builder = new GraphBuilder('chain');
    const early = builder.node('Det', [builder.input('x', 'float32', [2])]);
    builder.node('Tanh', [builder.node('Relu', [early], {}, 'middle')], {}, 'y');
    const { gradients, added } = differentiate(builder, ['middle']);
    assert.equal(gradients.size, 1);
    assert.deepEqual(ops(added), ['Mul', 'Sub', 'Mul']);
  });

  test('a branch that does not reach the output is left alone', () => {
    const builder = new GraphBuilder('branches');
    const x = builder.input('x', 'float32', [2]);
    builder.node('Det', [x], {}, 'elsewhere');
    builder.node('Neg', [x], {}, 'y');
    const { gradients, added } = differentiate(builder, ['x', 'elsewhere']);
    assert.deepEqual([...gradients.keys()], ['x']);
    assert.deepEqual(ops(added), ['Neg']);
  });

  test('the seeded tensor itself has the seed as its gradient', () => {
    const builder = new GraphBuilder('seed');
    builder.node('Neg', [builder.input('x', 'float32', [2])], {}, 'y');
    assert.equal(differentiate(builder, ['y']).gradients.get('y'), 'dy');
  });

  test('a mask computed from the input stops the gradient', () => {
    const builder = new GraphBuilder('mask');
    const x = builder.input('x', 'float32', [2]);
    const mask = builder.node('Cast', [builder.node('Greater', [x, x])], { to: 1 });
    builder.node('Mul', [x, mask], {}, 'y');
    const facts = factsFor(builder);
    const gradients = appendGradients({
      builder,
      nodes: [...builder.graph().nodes],
      facts: {
        ...facts,
        factsOf: (name) => (name.startsWith('greater') ? { type: 'bool', dims: [2] } : facts.factsOf()),
      },
      seeds: new Map([['y', builder.input('dy', 'float32', [2])]]),
      wrt: ['x'],
    });
    assert.equal(gradients.size, 1);
    assert.equal(builder.graph().nodes.filter(({ opType }) => opType === 'Cast').length, 1);
  });

  test('an unsupported operator on the path is named, with its node and a fix', () => {
    for (const domain of ['', 'com.example']) {
      const builder = new GraphBuilder('unsupported');
      const x = builder.input('x', 'float32', [2]);
      builder.append({
        opType: 'Det',
        domain,
        name: 'det_3',
        inputs: [x],
        outputs: ['y'],
        attributes: new Map(),
      });
      assert.throws(
        () => differentiate(builder, ['x']),
        (thrown) =>
          thrown instanceof LensError &&
          thrown.kind === 'model' &&
          /det_3/.test(thrown.message) &&
          thrown.message.includes(domain === '' ? 'Det' : 'com.example.Det') &&
          thrown.fix !== undefined,
      );
    }
  });

  test('a form that a rule does not cover is refused with its reason', () => {
    const refusals: readonly [string, Record<string, number | string>, RegExp][] = [
      ['BatchNormalization', { training_mode: 1 }, /training mode/],
      ['Pad', { mode: 'mirror' }, /its mode is "mirror"/],
      ['Conv', { auto_pad: 'SAME' }, /auto_pad "SAME"/],
    ];
    for (const [opType, attributes, reason] of refusals) {
      const builder = new GraphBuilder('refused');
      const x = builder.input('x', 'float32', [1, 1, 2, 2]);
      const w = builder.initializer('w', float32Tensor([1, 1, 2, 2], [1, 1, 1, 1]));
      builder.node(opType, [x, w, w, w, w], attributes, 'y');
      assert.throws(() => differentiate(builder, ['x'], [1, 1, 2, 2]), reason);
    }
  });

  test('weights that depend on the image are refused', () => {
    const builder = new GraphBuilder('dynamic');
    const x = builder.input('x', 'float32', [1, 1, 1, 1]);
    builder.node('Conv', [x, builder.node('Neg', [x])], {}, 'y');
    assert.throws(
      () => differentiate(builder, ['x'], [1, 1, 1, 1]),
      /Conv.*its input "W" depends on the image/,
    );
  });
});

describe('registry', () => {
  const rule = { opType: 'New', since: 7, inputs: [], build: () => [] };

  test('a second rule for the same operator and opset throws', () => {
    assert.throws(() => new RuleRegistry().register(rule).register(rule), /already has a gradient rule/);
  });

  test('the newest rule that is not newer than the opset is found', () => {
    const newer = { ...rule, since: 13 };
    const registry = new RuleRegistry().register(rule).register(newer);
    assert.equal(registry.lookup('New', 12), rule);
    assert.equal(registry.lookup('New', 13), newer);
    assert.equal(registry.lookup('New', 6), undefined);
  });

  test('the standard table is frozen', () => {
    assert.throws(() => standardRules.register(rule), /frozen/);
  });
});

/** dL/dx of a one-node graph for L = sum(y). Values are what torch.autograd gives (PyTorch 2). */
async function gradientOfSum(
  opType: string,
  x: readonly number[],
  dims: readonly number[],
  attributes: Readonly<Record<string, number | readonly number[]>> = {},
  constants: readonly number[] = [],
  outputDims: readonly number[] = dims,
): Promise<number[]> {
  const builder = new GraphBuilder('kink');
  const inputs = [builder.input('x', 'float32', dims)];
  constants.forEach((value, i) => inputs.push(builder.initializer(`c${i}`, float32Tensor([], [value]))));
  builder.node(opType, inputs, attributes, 'y');
  const gradients = appendGradients({
    builder,
    nodes: [...builder.graph().nodes],
    facts: {
      ...factsFor(builder),
      factsOf: (name) => ({ type: 'float32', dims: name === 'y' ? outputDims : name === 'x' ? dims : [] }),
    },
    seeds: new Map([['y', builder.input('dy', 'float32', outputDims)]]),
    wrt: ['x'],
  });
  const gradient = gradients.get('x')!;
  builder.output(gradient, 'float32', dims);
  const session = await createSession(encodeModel(builder.model()), { provider: 'cpu', threads: 1 });
  const ones = new Float32Array(outputDims.reduce((a, b) => a * b, 1)).fill(1);
  const results = await session.run({
    x: { type: 'float32', dims, data: Float32Array.from(x) },
    dy: { type: 'float32', dims: outputDims, data: ones },
  });
  await session.dispose();
  return Array.from(results[gradient]!.data as Float32Array);
}

describe('ties and kinks follow PyTorch', () => {
  test('relu(0): 0', async () => assert.deepEqual(await gradientOfSum('Relu', [-1, 0, 1], [3]), [0, 0, 1]));
  test('leaky_relu(0): the negative slope', async () => {
    const slope = Math.fround(0.01);
    assert.deepEqual(await gradientOfSum('LeakyRelu', [-1, 0, 1], [3]), [slope, slope, 1]);
  });
  test('clamp: 1 on both bounds', async () =>
    assert.deepEqual(await gradientOfSum('Clip', [-1, 0, 3, 5, 7], [5], {}, [0, 5]), [0, 1, 1, 1, 0]));
  test('relu6: 0 on both bounds', async () =>
    assert.deepEqual(await gradientOfSum('Clip', [-1, 0, 3, 6, 7], [5], {}, [0, 6]), [0, 0, 1, 0, 0]));
  test('abs(0): 0', async () => assert.deepEqual(await gradientOfSum('Abs', [-2, 0, 2], [3]), [-1, 0, 1]));
  test('hardswish: slope 0 at -3 (inside piece), 1.5 at 3', async () =>
    assert.deepEqual(
      (await gradientOfSum('HardSwish', [-4, -3, 3, 4], [4])).map((g) => Math.round(g * 1e6) / 1e6),
      [0, -0.5, 1.5, 1],
    ));
  test('max_pool2d: the first of equal values wins', async () =>
    assert.deepEqual(
      await gradientOfSum(
        'MaxPool',
        [5, 5, 1, 5, 5, 0, 1, 2, 2],
        [1, 1, 3, 3],
        { kernel_shape: [2, 2] },
        [],
        [1, 1, 2, 2],
      ),
      [1, 1, 0, 1, 1, 0, 0, 0, 0],
    ));
  test('max_pool2d: padding never wins, even when every value is negative or zero', async () =>
    assert.deepEqual(
      await gradientOfSum(
        'MaxPool',
        [0, -1, -2, 0],
        [1, 1, 2, 2],
        { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
        [],
        [1, 1, 1, 1],
      ),
      [1, 0, 0, 0],
    ));
  test('adaptive_max_pool2d: the first of equal values wins', async () =>
    assert.deepEqual(
      await gradientOfSum('GlobalMaxPool', [1, 3, 3, 2], [1, 1, 2, 2], {}, [], [1, 1, 1, 1]),
      [0, 1, 0, 0],
    ));
  test('amax: ties share equally', async () =>
    assert.deepEqual(await gradientOfSum('ReduceMax', [3, 1, 3, 3], [4], { keepdims: 0 }, [], []), [
      Math.fround(1 / 3),
      0,
      Math.fround(1 / 3),
      Math.fround(1 / 3),
    ]));
});
