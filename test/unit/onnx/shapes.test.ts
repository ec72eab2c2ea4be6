/** Shape rules against onnxruntime: every operator, over the attributes and input forms that change its output. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttributeInput } from '../../../server/src/onnx/builder';
import { GraphBuilder, float, float32Tensor, floats, int64Tensor } from '../../../server/src/onnx/builder';
import { LensError } from '../../../server/src/errors';
import type { ConstantTensor, DataType, Model } from '../../../server/src/onnx/model';
import { inferShapes } from '../../../server/src/onnx/shapes';
import { shapeRules, tableOf } from '../../../server/src/onnx/shapes/registry';
import { standardRules } from '../../../server/src/autodiff/rules';
import { compareWithRuntime } from './support/runtime-shapes';

/** An input of a row: the shape of a float32 graph input, a constant, an input of another type, or '' for omitted. */
type Operand =
  readonly number[] | ConstantTensor | { readonly feed: DataType; readonly dims: readonly number[] } | '';

interface Row {
  readonly op: string;
  readonly inputs: readonly Operand[];
  readonly attributes?: Readonly<Record<string, AttributeInput>>;
  readonly outputs?: number;
  readonly opset?: number;
}

const int64 = (...values: number[]): ConstantTensor => int64Tensor(values);
const scalar = (value: number): ConstantTensor => int64Tensor([value], []);
/** 2^63 is stored as the largest int64. */
const wide = (value: number): ConstantTensor => ({
  type: 'int64',
  dims: [1],
  data: new Uint8Array(BigInt64Array.of(value === 2 ** 63 ? 2n ** 63n - 1n : BigInt(value)).buffer),
});
const int32 = (value: number): ConstantTensor => ({
  type: 'int32',
  dims: [1],
  data: new Uint8Array(Int32Array.of(value).buffer),
});
const f32 = (...values: number[]): ConstantTensor => float32Tensor([values.length], values);
const bool = (...values: number[]): ConstantTensor => ({
  type: 'bool',
  dims: [values.length],
  data: Uint8Array.from(values),
});
const none = float32Tensor([0], []);

function modelOf(row: Row): Model {
  const g = new GraphBuilder(row.op);
  const inputs = row.inputs.map((operand, i) => {
    if (operand === '') return '';
    if ('feed' in operand) return g.input(`x${i}`, operand.feed, operand.dims);
    if ('data' in operand) return g.initializer(`c${i}`, operand);
    return g.input(`x${i}`, 'float32', operand);
  });
  const outputs = Array.from({ length: row.outputs ?? 1 }, (_, i) => `y${i}`);
  g.nodeWithOutputs(row.op, inputs, row.attributes ?? {}, outputs);
  for (const output of outputs) g.output(output, 'float32', null);
  return g.model({}, row.opset ?? 17);
}

const rows: readonly Row[] = [
  // Element by element.
  ...[
    'Abs',
    'Acos',
    'Asin',
    'Atan',
    'Ceil',
    'Celu',
    'Cos',
    'Cosh',
    'Elu',
    'Erf',
    'Exp',
    'Floor',
    'HardSigmoid',
  ],
  ...[
    'HardSwish',
    'Hardmax',
    'Identity',
    'LeakyRelu',
    'Log',
    'LogSoftmax',
    'LpNormalization',
    'Neg',
    'Reciprocal',
  ],
  ...[
    'Relu',
    'Round',
    'Selu',
    'Shrink',
    'Sigmoid',
    'Sign',
    'Sin',
    'Sinh',
    'Softmax',
    'Softplus',
    'Softsign',
    'Sqrt',
  ],
  ...['Tan', 'Tanh', 'ThresholdedRelu', 'IsNaN', 'IsInf', 'Asinh', 'Acosh', 'Atanh'],
].map((row) => (typeof row === 'string' ? { op: row, inputs: [[2, 3, 4]] } : row));

const valued: readonly Row[] = [
  ...['Abs', 'Ceil', 'Floor', 'Neg', 'Relu', 'Round', 'Sign', 'Sqrt', 'Reciprocal', 'Identity'].map((op) => ({
    op,
    inputs: [f32(0.5, 1.5, 2.5, 3.7, 4, 0.1)],
  })),
  ...['Abs', 'Ceil', 'Floor', 'Neg', 'Relu', 'Round', 'Sign'].map((op) => ({
    op,
    inputs: [f32(-0.5, -1.5, -2.5, -3.7, 0)],
  })),
  ...['Abs', 'Neg', 'Sign'].map((op) => ({ op, inputs: [int64(-3, 0, 7)] })),
  ...['Add', 'Sub', 'Mul', 'Div', 'Min', 'Max'].flatMap((op) => [
    { op, inputs: [int64(7, -7, 9), int64(2)] },
    { op, inputs: [f32(0.1, 0.2, 7), f32(0.3, -2, 0.7)] },
    { op, inputs: [scalar(12), int64(5, -5)] },
  ]),
  { op: 'Sum', inputs: [f32(0.1, 0.2), f32(0.7), f32(1e8, -3)] },
  { op: 'Max', inputs: [int64(1, 5), int64(4), int64(2, 9)] },
  { op: 'Mod', inputs: [int64(7, -7, 7, -7), int64(3, 3, -3, -3)] },
  { op: 'Mod', inputs: [int64(7, -7, 7, -7), int64(3, 3, -3, -3)], attributes: { fmod: 1 } },
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].map((op) => ({
    op,
    inputs: [int64(1, 2, 3), int64(2)],
  })),
  ...['And', 'Or', 'Xor'].map((op) => ({ op, inputs: [bool(0, 0, 1, 1), bool(0, 1, 0, 1)] })),
  { op: 'Not', inputs: [bool(0, 1)] },
  { op: 'Where', inputs: [bool(1, 0, 1), int64(1, 2, 3), int64(9)] },
  { op: 'Clip', inputs: [f32(-3, 0.5, 8), float32Tensor([], [0]), float32Tensor([], [6])] },
  { op: 'Clip', inputs: [int64(-3, 5, 8), '', scalar(6)] },
  { op: 'Expand', inputs: [int64(1, 2), int64(3, 1)] },
  { op: 'Reshape', inputs: [int64(1, 2, 3, 4), int64(2, -1)] },
  { op: 'Transpose', inputs: [int64Tensor([1, 2, 3, 4, 5, 6], [1, 2, 3])], attributes: { perm: [2, 0, 1] } },
  {
    op: 'Concat',
    inputs: [int64Tensor([1, 2, 3, 4], [2, 2]), int64Tensor([5, 6], [2, 1])],
    attributes: { axis: -1 },
  },
  { op: 'Split', inputs: [int64(1, 2, 3, 4, 5), int64(2, 3)], outputs: 2 },
  { op: 'Slice', inputs: [int64(1, 2, 3, 4, 5), int64(1), int64(-1)] },
  {
    op: 'Slice',
    inputs: [int64(1, 2, 3, 4, 5), int64(-1), int64(Number.MIN_SAFE_INTEGER), int64(0), int64(-2)],
  },
  { op: 'Slice', inputs: [int64Tensor([1, 2, 3, 4, 5, 6], [2, 3]), int64(1), int64(2 ** 62), int64(1)] },
  // An end of INT32_MAX or INT64_MAX is open in both directions, as a type's minimum is.
  ...[2 ** 31 - 1, 2 ** 63, -(2 ** 31), -(2 ** 63)].flatMap((end) =>
    [1, 2, -1, -2].map((step) => ({
      op: 'Slice',
      inputs: [int64(1, 2, 3, 4, 5), int64(step < 0 ? -1 : 1), wide(end), int64(0), int64(step)],
    })),
  ),
  ...[2 ** 31 - 1, -(2 ** 31)].map((end) => ({
    op: 'Slice',
    inputs: [int64(1, 2, 3, 4, 5), int32(3), int32(end), int32(0), int32(-1)],
  })),
  { op: 'Gather', inputs: [int64(7, 8, 9), scalar(-1)] },
  {
    op: 'Gather',
    inputs: [int64Tensor([1, 2, 3, 4, 5, 6], [2, 3]), int64Tensor([2, 0, 1, 1], [2, 2])],
    attributes: { axis: 1 },
  },
  { op: 'Tile', inputs: [int64Tensor([1, 2], [1, 2]), int64(2, 2)] },
  { op: 'NonZero', inputs: [int64Tensor([1, 0, 0, 2, 3, 0], [2, 3])] },
  { op: 'Squeeze', inputs: [int64Tensor([4, 5], [1, 2, 1])] },
  { op: 'Unsqueeze', inputs: [int64(4, 5), int64(0, -1)] },
  { op: 'Flatten', inputs: [int64Tensor([1, 2, 3, 4], [2, 1, 2])], attributes: { axis: -1 } },
  ...['ReduceProd', 'ReduceSum', 'ReduceMax', 'ReduceMin'].map((op) => ({ op, inputs: [int64(3, 4, 5)] })),
  { op: 'ReduceProd', inputs: [int64(3, 4)], attributes: { keepdims: 0 } },
  { op: 'Range', inputs: [scalar(2), scalar(11), scalar(4)] },
  { op: 'Range', inputs: [scalar(3), scalar(-3), scalar(-2)] },
  { op: 'Range', inputs: [float32Tensor([], [0]), float32Tensor([], [1]), float32Tensor([], [0.3])] },
  { op: 'Size', inputs: [[2, 3, 5]] },
  { op: 'Shape', inputs: [[2, 3, 5]] },
  { op: 'Shape', inputs: [[2, 3, 5]], attributes: { start: -2 } },
  { op: 'Shape', inputs: [[2, 3, 5]], attributes: { start: 1, end: 9 } },
  { op: 'Constant', inputs: [], attributes: { value_ints: [1, 2] } },
  { op: 'Constant', inputs: [], attributes: { value_int: 3 } },
  { op: 'Constant', inputs: [], attributes: { value_float: float(0.1) } },
  { op: 'Constant', inputs: [], attributes: { value_floats: floats([0.1, 2]) } },
  { op: 'Constant', inputs: [], attributes: { value: { kind: 'tensor', value: int64Tensor([5], []) } } },
  { op: 'ConstantOfShape', inputs: [int64(2, 2)] },
  { op: 'ConstantOfShape', inputs: [int64(3)], attributes: { value: { kind: 'tensor', value: int64(7) } } },
  ...[1, 6, 7, 9, 2].map((to) => ({ op: 'Cast', inputs: [f32(0, 1.9, 2.5)], attributes: { to } })),
  { op: 'Cast', inputs: [f32(-1.9, -0.5)], attributes: { to: 7 } },
  { op: 'Cast', inputs: [int64(16777217, 3)], attributes: { to: 1 } },
  { op: 'CastLike', inputs: [f32(1.5), int64(0)] },
];

const ONE = [1, 2, 9, 10] as const;
const conv = (inputs: readonly Operand[], attributes: Row['attributes'] = {}): Row => ({
  op: 'Conv',
  inputs,
  attributes,
});
const convT = (inputs: readonly Operand[], attributes: Row['attributes'] = {}): Row => ({
  op: 'ConvTranspose',
  inputs,
  attributes,
});
const pools = (attributes: Readonly<Record<string, AttributeInput>>, opset = 17): Row[] => [
  { op: 'MaxPool', inputs: [ONE], attributes, outputs: 2, opset },
  ...('dilations' in attributes && opset < 19
    ? []
    : [{ op: 'AveragePool', inputs: [ONE], attributes, opset }]),
];

const structural: readonly Row[] = [
  { op: 'Clip', inputs: [[2, 3], float32Tensor([], [0])] },
  { op: 'Dropout', inputs: [[2, 3]], outputs: 2 },
  { op: 'BatchNormalization', inputs: [ONE, f32(1, 2), f32(1, 2), f32(1, 2), f32(1, 2)] },
  { op: 'InstanceNormalization', inputs: [ONE, f32(1, 2), f32(1, 2)] },
  { op: 'LayerNormalization', inputs: [[2, 3, 4], f32(1, 2, 3, 4)], outputs: 3 },
  {
    op: 'LayerNormalization',
    inputs: [[2, 3, 4], float32Tensor([3, 4], new Float32Array(12))],
    attributes: { axis: 1 },
    outputs: 2,
  },
  {
    op: 'GroupNormalization',
    inputs: [[1, 4, 3], f32(1, 2, 1, 2), f32(1, 2, 1, 2)],
    attributes: { num_groups: 2 },
    opset: 21,
  },
  { op: 'RMSNormalization', inputs: [[2, 3], f32(1, 2, 3)], opset: 23 },
  { op: 'MeanVarianceNormalization', inputs: [[1, 2, 3, 3]] },
  { op: 'Swish', inputs: [[2, 3]], opset: 24 },
  { op: 'LRN', inputs: [ONE], attributes: { size: 3 } },
  { op: 'CumSum', inputs: [[2, 3], scalar(0)] },
  { op: 'Gelu', inputs: [[2, 3]], opset: 20 },
  { op: 'Mish', inputs: [[2, 3]], opset: 18 },
  { op: 'PRelu', inputs: [[1, 2, 3, 3], float32Tensor([2, 1, 1], [0.1, 0.2])] },
  {
    op: 'Add',
    inputs: [
      [2, 1, 4],
      [3, 1],
    ],
  },
  { op: 'Mul', inputs: [[2, 3, 4], []] },
  { op: 'Pow', inputs: [[2, 3], float32Tensor([], [2])] },
  { op: 'Mean', inputs: [[2, 1], [3], [1]] },
  { op: 'Where', inputs: [{ feed: 'bool', dims: [3, 1] }, [4], [2, 1, 1]] },
  { op: 'Equal', inputs: [[2, 1], [3]] },
  { op: 'Mod', inputs: [[2, 1], [3]], attributes: { fmod: 1 } },
  ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].map((op) => ({
    op,
    inputs: [
      { feed: 'int64' as const, dims: [2, 1] },
      { feed: 'int64' as const, dims: [3] },
    ],
    opset: 18,
  })),
  { op: 'Expand', inputs: [[3, 1], int64(2, 1, 6)] },
  // Convolutions.
  conv([ONE, [4, 2, 3, 3]]),
  conv([ONE, [4, 2, 3, 3]], { pads: [1, 0, 2, 1], strides: [2, 3] }),
  conv([ONE, [4, 1, 3, 2]], { group: 2, dilations: [2, 3], pads: [1, 1, 1, 1] }),
  ...['SAME_UPPER', 'SAME_LOWER', 'VALID'].map((mode) =>
    conv([ONE, [4, 2, 3, 2]], { auto_pad: mode, strides: [2, 3] }),
  ),
  conv([ONE, [4, 2, 2, 3]], { auto_pad: 'VALID', dilations: [1, 2] }),
  conv(
    [
      [2, 3, 7],
      [5, 3, 3],
    ],
    { strides: [2] },
  ),
  conv([
    [1, 1, 4, 5, 6],
    [2, 1, 2, 2, 2],
  ]),
  convT([ONE, [2, 3, 3, 3]]),
  convT([ONE, [2, 3, 3, 3]], { strides: [2, 3], pads: [1, 0, 1, 1], output_padding: [1, 2] }),
  convT([ONE, [2, 3, 3, 2]], { group: 2, dilations: [2, 1], strides: [2, 2] }),
  convT([ONE, [2, 3, 3, 3]], { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
  convT([ONE, [2, 3, 3, 3]], { auto_pad: 'VALID', strides: [2, 1] }),
  convT([ONE, [2, 3, 3, 3]], { output_shape: [19, 21], strides: [2, 2] }),
  ...['SAME_UPPER', 'SAME_LOWER'].flatMap((mode) => [
    convT([ONE, [2, 3, 1, 2]], { auto_pad: mode, strides: [2, 3] }),
    convT([ONE, [2, 3, 2, 2]], { auto_pad: mode, strides: [4, 3], output_padding: [1, 2] }),
    convT([ONE, [2, 3, 2, 2]], { auto_pad: mode, strides: [3, 2], dilations: [3, 2] }),
    conv([ONE, [4, 2, 2, 1]], { auto_pad: mode, strides: [4, 3] }),
  ]),
  // Pooling.
  ...['SAME_UPPER', 'SAME_LOWER'].flatMap((mode) => [
    ...pools({ kernel_shape: [2, 3], dilations: [3, 2], auto_pad: mode }, 19),
    ...pools({ kernel_shape: [3, 2], dilations: [2, 4], strides: [2, 1], auto_pad: mode }, 19),
    ...pools({ kernel_shape: [3, 2], dilations: [2, 4], strides: [2, 1], auto_pad: mode, ceil_mode: 1 }, 19),
    ...pools({ kernel_shape: [1, 2], strides: [2, 4], auto_pad: mode }),
  ]),
  ...pools({ kernel_shape: [3, 3] }),
  ...pools({ kernel_shape: [3, 2], strides: [2, 3], pads: [1, 0, 1, 1] }),
  ...pools({ kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }),
  ...pools({ kernel_shape: [2, 2], strides: [3, 3], ceil_mode: 1 }),
  ...pools({ kernel_shape: [2, 2], strides: [3, 4], pads: [1, 1, 1, 1], ceil_mode: 1 }),
  ...pools({ kernel_shape: [3, 3], strides: [4, 4], pads: [0, 0, 2, 2], ceil_mode: 1 }),
  ...pools({ kernel_shape: [2, 3], dilations: [3, 2], strides: [2, 1] }),
  ...pools({ kernel_shape: [2, 3], dilations: [3, 2], strides: [2, 1], ceil_mode: 1 }, 19),
  ...pools({ kernel_shape: [3, 4], strides: [2, 3], auto_pad: 'SAME_UPPER' }),
  ...pools({ kernel_shape: [3, 4], strides: [2, 3], auto_pad: 'SAME_LOWER' }),
  ...pools({ kernel_shape: [3, 4], strides: [2, 3], auto_pad: 'VALID' }),
  ...pools({ kernel_shape: [3, 4], strides: [2, 3], auto_pad: 'VALID', ceil_mode: 1 }),
  // A window that reaches less than a stride beyond the input still counts.
  ...[0, 1].flatMap((ceil_mode) =>
    pools({ kernel_shape: [11, 13], strides: [3, 4], ceil_mode, dilations: [1, 1] }, 19),
  ),
  { op: 'LpPool', inputs: [ONE], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
  ...['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'].map((op) => ({ op, inputs: [ONE] })),
  // Products.
  { op: 'Gemm', inputs: [[3, 4], [4, 5], [5]] },
  {
    op: 'Gemm',
    inputs: [
      [4, 3],
      [5, 4],
    ],
    attributes: { transA: 1, transB: 1 },
  },
  {
    op: 'MatMul',
    inputs: [
      [3, 4],
      [4, 5],
    ],
  },
  { op: 'MatMul', inputs: [[4], [4]] },
  { op: 'MatMul', inputs: [[4], [2, 4, 5]] },
  {
    op: 'MatMul',
    inputs: [
      [2, 1, 3, 4],
      [5, 4, 6],
    ],
  },
  { op: 'MatMul', inputs: [[2, 3, 4], [4]] },
  // Reductions.
  ...['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare'].flatMap((name) => [
    { op: `Reduce${name}`, inputs: [[2, 3, 4]], attributes: { axes: [-1, 0] } },
    { op: `Reduce${name}`, inputs: [[2, 3, 4]], attributes: { axes: [1], keepdims: 0 }, opset: 13 },
    { op: `Reduce${name}`, inputs: [[2, 3, 4], int64(1)], opset: 18 },
    { op: `Reduce${name}`, inputs: [[2, 3, 4]], attributes: { keepdims: 0 }, opset: 18 },
  ]),
  { op: 'ReduceSum', inputs: [[2, 3, 4], int64(-2)], attributes: { keepdims: 0 } },
  { op: 'ReduceSum', inputs: [[2, 3, 4]], attributes: { axes: [0] }, opset: 11 },
  { op: 'ReduceSum', inputs: [[2, 3, 4]], attributes: { noop_with_empty_axes: 1 } },
  { op: 'ReduceSum', inputs: [[2, 3, 4], int64()] },
  ...['ArgMax', 'ArgMin'].flatMap((op) => [
    { op, inputs: [[2, 3, 4]], attributes: { axis: -1 } },
    { op, inputs: [[2, 3, 4]], attributes: { axis: 1, keepdims: 0 } },
  ]),
  { op: 'TopK', inputs: [[2, 5], int64(3)], outputs: 2 },
  // Shapes.
  { op: 'Reshape', inputs: [[2, 3, 4], int64(0, -1)] },
  { op: 'Reshape', inputs: [[2, 3, 4], int64(4, 3, 2)] },
  { op: 'Reshape', inputs: [[2, 3, 4], int64(-1)] },
  { op: 'Reshape', inputs: [[0, 3], int64(3, 0)], attributes: { allowzero: 1 } },
  { op: 'Flatten', inputs: [[2, 3, 4]] },
  { op: 'Flatten', inputs: [[2, 3, 4]], attributes: { axis: 0 } },
  { op: 'Flatten', inputs: [[2, 3, 4]], attributes: { axis: 3 } },
  { op: 'Squeeze', inputs: [[1, 3, 1, 4], int64(-2)] },
  { op: 'Squeeze', inputs: [[1, 3, 1, 4]], attributes: { axes: [0, 2] }, opset: 11 },
  { op: 'Unsqueeze', inputs: [[3, 4], int64(2, 0)] },
  { op: 'Unsqueeze', inputs: [[3, 4]], attributes: { axes: [0, 3] }, opset: 11 },
  { op: 'Transpose', inputs: [[2, 3, 4]] },
  { op: 'Transpose', inputs: [[2, 3, 4]], attributes: { perm: [1, 2, 0] } },
  {
    op: 'Concat',
    inputs: [
      [2, 3],
      [2, 5],
      [2, 1],
    ],
    attributes: { axis: 1 },
  },
  { op: 'Split', inputs: [[6, 4]], outputs: 3 },
  { op: 'Split', inputs: [[4, 7], int64(1, 2, 4)], attributes: { axis: 1 }, outputs: 3 },
  { op: 'Split', inputs: [[4, 7]], attributes: { axis: 1, split: [3, 4] }, outputs: 2, opset: 11 },
  { op: 'Split', inputs: [[7]], attributes: { num_outputs: 3 }, outputs: 3, opset: 18 },
  { op: 'Pad', inputs: [[2, 3], int64(1, 2, 0, 1)] },
  { op: 'Pad', inputs: [[4, 5], int64(-1, 2, 0, -2)] },
  { op: 'Pad', inputs: [[2, 3, 4], int64(1, 2), '', int64(-1)], opset: 18 },
  { op: 'Pad', inputs: [[2, 3]], attributes: { pads: [1, 2, 0, 1], mode: 'edge' }, opset: 10 },
  { op: 'Tile', inputs: [[2, 3], int64(2, 3)] },
  { op: 'DepthToSpace', inputs: [[1, 8, 2, 3]], attributes: { blocksize: 2 } },
  { op: 'DepthToSpace', inputs: [[1, 8, 2, 3]], attributes: { blocksize: 2, mode: 'CRD' } },
  { op: 'SpaceToDepth', inputs: [[1, 2, 4, 6]], attributes: { blocksize: 2 } },
  { op: 'Slice', inputs: [[4, 6], int64(1, 0), int64(3, 2 ** 62), int64(0, 1), int64(1, 4)] },
  { op: 'Slice', inputs: [[4, 6], int64(-1), int64(-100), int64(1), int64(-2)] },
  { op: 'Slice', inputs: [[4, 6], int64(3), int64(1)] },
  { op: 'Slice', inputs: [[4, 6]], attributes: { starts: [1], ends: [-1], axes: [1] }, opset: 9 },
  { op: 'Gather', inputs: [[4, 5, 6], int64Tensor([0, 1, 2, 3], [2, 2])], attributes: { axis: 1 } },
  { op: 'Gather', inputs: [[4, 5], scalar(2)], attributes: { axis: -1 } },
  { op: 'GatherElements', inputs: [[3, 4], { feed: 'int64', dims: [2, 4] }] },
  { op: 'GatherND', inputs: [[3, 4, 5], int64Tensor([0, 1, 2, 3], [2, 2])] },
  { op: 'GatherND', inputs: [[2, 4, 5], int64Tensor([3, 1], [2, 1])], attributes: { batch_dims: 1 } },
  { op: 'ScatterND', inputs: [[4, 2], int64Tensor([1, 3], [2, 1]), [2, 2]] },
  { op: 'OneHot', inputs: [{ feed: 'int64', dims: [2, 3] }, int64(7), f32(0, 1)] },
  { op: 'OneHot', inputs: [{ feed: 'int64', dims: [2, 3] }, scalar(7), f32(0, 1)], attributes: { axis: 0 } },
  { op: 'ScatterElements', inputs: [[4, 2], int64Tensor([1, 3], [1, 2]), [1, 2]] },
  { op: 'Scatter', inputs: [[4, 2], int64Tensor([1, 3], [1, 2]), [1, 2]], opset: 10 },
  { op: 'ReverseSequence', inputs: [[3, 2], int64(1, 3)] },
  { op: 'Trilu', inputs: [[3, 3]] },
  { op: 'EyeLike', inputs: [[3, 3]] },
  ...[1, 6, 7].map((dtype) => ({
    op: 'EyeLike',
    inputs: [{ feed: 'int32' as const, dims: [2, 3] }],
    attributes: { dtype, k: 1 },
  })),
  // Resize.
  { op: 'Resize', inputs: [ONE, '', f32(1, 1, 2, 1.5)] },
  { op: 'Resize', inputs: [ONE, none, f32(1, 1, 0.6, 1.1)], attributes: { mode: 'linear' } },
  { op: 'Resize', inputs: [ONE, '', '', int64(1, 2, 5, 20)] },
  { op: 'Resize', inputs: [ONE, none, none, int64(1, 2, 5, 20)], opset: 11 },
  { op: 'Resize', inputs: [ONE, f32(1, 1, 1.3, 0.7)], opset: 10 },
  { op: 'Resize', inputs: [ONE, '', f32(2, 0.5)], attributes: { axes: [3, 2] }, opset: 18 },
  {
    op: 'Resize',
    inputs: [ONE, '', '', int64(20, 15)],
    attributes: { axes: [2, 3], keep_aspect_ratio_policy: 'not_larger' },
    opset: 18,
  },
  {
    op: 'Resize',
    inputs: [ONE, '', '', int64(20, 15)],
    attributes: { axes: [2, 3], keep_aspect_ratio_policy: 'not_smaller' },
    opset: 18,
  },
  {
    op: 'Resize',
    inputs: [ONE, f32(0, 0, 0.1, 0.25, 1, 1, 0.8, 0.75), f32(1, 1, 1.5, 2)],
    attributes: { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize' },
  },
  { op: 'Upsample', inputs: [ONE, f32(1, 1, 2, 3)], opset: 9 },
  { op: 'Upsample', inputs: [ONE], attributes: { scales: floats([1, 1, 2, 3]) }, opset: 7 },
];

const title = (row: Row): string =>
  `${row.op}-${row.opset ?? 17} ${JSON.stringify(row.attributes ?? {})} ${row.inputs
    .map((input) =>
      input === ''
        ? '-'
        : 'length' in input
          ? `[${input.join()}]`
          : `${'data' in input ? 'c' : ''}[${input.dims.join()}]`,
    )
    .join(' ')}`;

test('shapes, types and values equal those that onnxruntime computes', async (context) => {
  for (const row of [...rows, ...structural]) {
    await context.test(title(row), async () => {
      const { tensors } = await compareWithRuntime(modelOf(row));
      assert.ok(tensors >= 1);
    });
  }
});

test('values of small constants equal those that onnxruntime computes', async (context) => {
  for (const row of valued) {
    await context.test(title(row), async () => {
      const inferred = inferShapes(modelOf(row));
      const expected =
        row.op === 'Range' && row.inputs.every((i) => i !== '' && 'type' in i && i.type === 'float32')
          ? 0
          : 1;
      const { values } = await compareWithRuntime(modelOf(row));
      assert.ok(values >= expected, `known: ${[...inferred.keys()].join(', ')}`);
    });
  }
});

test('every operator that has a gradient rule has a shape rule', () => {
  const without = standardRules.all().filter((rule) => !shapeRules.has(rule.opType));
  assert.deepEqual(
    without.map((rule) => rule.opType),
    [],
  );
});

test('every shape rule is compared with the runtime', () => {
  const covered = new Set([...rows, ...structural, ...valued].map((row) => row.op));
  // With graphs inside: test/unit/onnx-classifier/unknown-shapes.test.ts, and If below.
  const elsewhere = ['If', 'Loop'];
  const uncovered = [...shapeRules.keys()].filter((op) => !covered.has(op) && !elsewhere.includes(op));
  assert.deepEqual(uncovered, []);
});

test('registering an operator twice throws', () => {
  const rule = { opType: 'Relu', infer: () => [] };
  assert.throws(() => tableOf([rule, rule]), /"Relu" has two shape rules/);
});

test('a Dropout in training mode is refused by name, unless it drops nothing', () => {
  const flag = (value: number): ConstantTensor => ({ type: 'bool', dims: [], data: Uint8Array.of(value) });
  const ratio = (value: number): ConstantTensor => float32Tensor([], [value]);
  const infer = (inputs: readonly Operand[], opset: number) =>
    inferShapes(modelOf({ op: 'Dropout', inputs, opset }));
  for (const opset of [12, 13, 17, 22]) {
    for (const inputs of [
      [[2, 3], '', flag(1)],
      [[2, 3], ratio(0.3), flag(1)],
      [[2, 3], [], flag(1)],
    ] as const) {
      assert.throws(
        () => infer(inputs, opset),
        (thrown) =>
          thrown instanceof LensError &&
          thrown.kind === 'model' &&
          /Dropout node "Dropout:y0" is in training mode/.test(thrown.message) &&
          /model\.eval\(\)/.test(thrown.fix ?? ''),
      );
    }
    // A flag that is computed from the data is not known to be off.
    assert.throws(() => infer([[2, 3], '', { feed: 'bool', dims: [] }], opset), /cannot be known in advance/);
    for (const inputs of [
      [[2, 3]],
      [[2, 3], ratio(0.3)],
      [[2, 3], ratio(0.3), flag(0)],
      [[2, 3], ratio(0), flag(1)],
    ] as const)
      assert.deepEqual(infer(inputs, opset).get('y0')?.dims, [2, 3]);
  }
});
