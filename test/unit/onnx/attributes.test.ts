/** Attributes and axes are checked before anything of their size is made; names of Object's own members are names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeModel } from '../../../server/src/onnx/read';
import { inferShapes } from '../../../server/src/onnx/shapes';
import { encodeModel } from '../../../server/src/onnx/write';
import type { AttributeInput } from '../../../server/src/onnx/builder';
import { float32Tensor, GraphBuilder, int64Tensor } from '../../../server/src/onnx/builder';
import type { ConstantTensor } from '../../../server/src/onnx/model';

interface Row {
  readonly op: string;
  readonly attributes?: Readonly<Record<string, AttributeInput>>;
  readonly constants?: readonly (ConstantTensor | null)[];
  readonly outputs?: number;
  readonly opset?: number;
  readonly says: RegExp;
}

const w = float32Tensor([4, 3, 3, 3], new Float32Array(108));

/** Each on an input x of [1, 3, 8, 8]. */
const rows: readonly Row[] = [
  { op: 'LayerNormalization', attributes: { axis: 4 }, says: /axis of a tensor with 4 dimensions, found 4/ },
  { op: 'LayerNormalization', attributes: { axis: -(2 ** 31) }, says: /found -2147483648/ },
  ...['Softmax', 'LogSoftmax', 'Hardmax', 'LpNormalization'].map((op) => ({
    op,
    attributes: { axis: -1e8 },
    says: /found -100000000/,
  })),
  { op: 'Flatten', attributes: { axis: 2 ** 40 }, says: /an axis of \[1, 3, 8, 8\], found 1099511627776/ },
  { op: 'Split', attributes: { num_outputs: 2 ** 30 }, outputs: 3, opset: 18, says: /num_outputs to be 3/ },
  { op: 'Split', constants: [int64Tensor([1, 1, 1])], outputs: 2, attributes: { axis: 1 }, says: /2 parts/ },
  {
    op: 'MaxPool',
    attributes: { kernel_shape: [2, 2], pads: [0, 0, 0, 2] },
    says: /pads below its kernel of 2/,
  },
  {
    op: 'AveragePool',
    attributes: { kernel_shape: [1, 1], pads: [0, 2 ** 20, 0, 0] },
    says: /found 1048576/,
  },
  {
    op: 'MaxPool',
    attributes: { kernel_shape: [2, 2], strides: [0, 1] },
    says: /1 or more in attribute "strides"/,
  },
  { op: 'MaxPool', attributes: { kernel_shape: [0, 1] }, says: /1 or more in attribute "kernel_shape"/ },
  { op: 'Conv', constants: [w], attributes: { dilations: [-1, 1] }, says: /"dilations", found -1/ },
  {
    op: 'Conv',
    constants: [w],
    attributes: { pads: [-(2 ** 62), 0, 2 ** 62, 0] },
    says: /"pads", found -4611/,
  },
  { op: 'Conv', constants: [w], attributes: { kernel_shape: [9, 9] }, says: /a kernel_shape of \[3, 3\]/ },
  {
    op: 'Conv',
    constants: [float32Tensor([4, 1, 3, 3], new Float32Array(36))],
    attributes: { group: 3 },
    says: /groups that divide the 4/,
  },
  { op: 'Squeeze', constants: [float32Tensor([1], [0.5])], says: /\("c1"\) of type int64, found float32/ },
  { op: 'Unsqueeze', constants: [float32Tensor([1], [0.5])], says: /of type int64/ },
  { op: 'ReduceSum', constants: [float32Tensor([1], [2])], says: /of type int64, found float32/ },
  { op: 'Reshape', constants: [float32Tensor([1], [192])], says: /of type int64/ },
  { op: 'Expand', constants: [float32Tensor([1], [8])], says: /of type int64/ },
  { op: 'Tile', constants: [float32Tensor([4], [1, 1, 1, 1])], says: /of type int64/ },
  {
    op: 'Slice',
    constants: [int64Tensor([0]), int64Tensor([1]), float32Tensor([1], [2.5])],
    says: /input 3 .* int64/,
  },
  {
    op: 'Pad',
    attributes: { mode: 'reflect' },
    constants: [int64Tensor([0, 0, 0, 8, 0, 0, 0, 0])],
    says: /pads below the 8 elements of axis 3/,
  },
  {
    op: 'Unsqueeze',
    constants: [int64Tensor(Array.from({ length: 61 }, (_, i) => i))],
    says: /at most 64 dimensions, found 65/,
  },
];

for (const { op, attributes = {}, constants = [], outputs = 1, opset = 17, says } of rows) {
  test(`${op} with ${JSON.stringify(attributes)} and ${constants.length} constants is refused by name`, () => {
    const builder = new GraphBuilder('one node');
    builder.input('x', 'float32', [1, 3, 8, 8]);
    const given = constants.map((tensor, i) =>
      tensor === null ? '' : builder.initializer(`c${i + 1}`, tensor),
    );
    const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
    builder.nodeWithOutputs(op, ['x', ...given], attributes, names);
    assert.throws(
      () => inferShapes(builder.model({}, opset)),
      (error: Error & { kind?: string }) => {
        assert.equal(error.kind, 'model');
        assert.ok(error.message.startsWith(`${op} node "${op}:y0": expected `), error.message);
        assert.match(error.message, says);
        return true;
      },
    );
  });
}

test('inputs and tensors may have the names of Object’s members', () => {
  for (const name of [
    'constructor',
    '__proto__',
    'hasOwnProperty',
    'valueOf',
    'toString',
    '__defineGetter__',
  ]) {
    const builder = new GraphBuilder('names');
    builder.input(name, 'float32', ['n', 3]);
    builder.node('Relu', [name], {}, `${name}/relu`);
    builder.output(`${name}/relu`, 'float32', ['n', 3]);
    const model = decodeModel(encodeModel(builder.model()));
    const input = model.graph.inputs[0]?.name ?? '';
    assert.throws(() => inferShapes(model), /a shape of numbers/, name);
    assert.deepEqual(inferShapes(model, { [input]: [2, 3] }).get(`${name}/relu`)?.dims, [2, 3]);
  }
});

test('the one name that no object can have as a key is given another that nothing has', () => {
  const builder = new GraphBuilder('proto');
  builder.input('__proto___1', 'float32', [3]);
  builder.node('Relu', ['__proto___1'], {}, '__proto__');
  builder.node('Relu', ['__proto__'], {}, 'y');
  builder.output('__proto__', 'float32', [3]);
  const { graph } = decodeModel(encodeModel(builder.model()));
  assert.deepEqual(
    graph.nodes.map(({ inputs, outputs }) => [...inputs, ...outputs]),
    [
      ['__proto___1', '__proto___2'],
      ['__proto___2', 'y'],
    ],
  );
  assert.equal(graph.outputs[0]?.name, '__proto___2');
});
