/** Central-difference cases of products, normalization, reductions, and operators that arrange elements again. */
import { float } from '../../../../server/src/onnx/builder';
import { floats, ints, variable, type GradientCase } from '../central-differences';

const x = variable([2, 3, 4]);

const products: readonly GradientCase[] = [
  ...[0, 1].flatMap((transA) =>
    [0, 1].map((transB) => ({
      op: 'Gemm',
      name: `transA ${transA}, transB ${transB}`,
      opsets: [11, 17, 21],
      inputs: [variable(transA ? [3, 2] : [2, 3]), variable(transB ? [4, 3] : [3, 4]), variable([4])],
      attributes: { transA, transB, alpha: float(0.7), beta: float(1.3) },
    })),
  ),
  { op: 'Gemm', name: 'no C', inputs: [variable([2, 3]), variable([3, 4])] },
  { op: 'Gemm', name: 'column C', inputs: [variable([2, 3]), variable([3, 4]), variable([2, 1])] },
  { op: 'MatMul', name: 'matrices', opsets: [11, 17, 21], inputs: [variable([2, 3]), variable([3, 4])] },
  { op: 'MatMul', name: 'batches', inputs: [variable([2, 2, 3]), variable([2, 3, 2])] },
  { op: 'MatMul', name: 'broadcast right', inputs: [variable([2, 2, 3]), variable([3, 2])] },
  { op: 'MatMul', name: 'broadcast left', inputs: [variable([2, 3]), variable([2, 1, 3, 2])] },
  { op: 'MatMul', name: 'vector left', inputs: [variable([3]), variable([2, 3, 2])] },
  { op: 'MatMul', name: 'vector right', inputs: [variable([2, 2, 3]), variable([3])] },
  { op: 'MatMul', name: 'vector by matrix', inputs: [variable([3]), variable([3, 2])] },
  { op: 'MatMul', name: 'vectors', inputs: [variable([3]), variable([3])] },
];

const normalization: readonly GradientCase[] = [
  {
    op: 'BatchNormalization',
    name: 'images',
    opsets: [11, 14, 15, 17, 21],
    inputs: [
      variable([2, 3, 2, 2]),
      floats([3], 1, -0.5, 2),
      floats([3], 0, 1, -1),
      floats([3], 0.2, -0.1, 0),
      floats([3], 1, 0.5, 2),
    ],
    attributes: { epsilon: float(1e-3) },
  },
  {
    op: 'BatchNormalization',
    name: 'vectors',
    inputs: [variable([2, 2]), floats([2], 1, 2), floats([2], 0, 1), floats([2], 0, 0), floats([2], 1, 0.5)],
  },
  {
    op: 'BatchNormalization',
    name: 'scale, bias, mean and variance that vary',
    opsets: [11, 17, 21],
    inputs: [
      variable([2, 3, 2, 2]),
      ...['scale', 'B', 'mean'].map(() => variable([3])),
      variable([3], { range: [0.7, 2] }),
    ],
  },
  {
    op: 'LayerNormalization',
    name: 'scale and bias that vary',
    inputs: [x, variable([4]), variable([4])],
  },
  {
    op: 'LayerNormalization',
    name: 'two axes, scale and bias for one of them',
    inputs: [x, variable([4]), variable([1])],
    attributes: { axis: 1 },
  },
  ...([[0, 1, 2], [1], [2], [0, 2]] as const).map((loss) => ({
    op: 'LayerNormalization',
    name: `outputs ${loss.join()} are used`,
    opsets: [17, 21],
    inputs: [x, variable([4]), floats([4], 0, 1, 0, 0)],
    outputs: 3,
    loss,
    attributes: { epsilon: float(1e-2) },
  })),
  {
    op: 'InstanceNormalization',
    name: 'scale and bias that vary',
    inputs: [variable([2, 2, 2, 3]), variable([2]), variable([2])],
  },
  {
    op: 'LayerNormalization',
    name: 'last axis',
    opsets: [17, 21],
    inputs: [x, floats([4], 1, -0.5, 2, 0.7), floats([4], 0, 1, 0, 0)],
  },
  {
    op: 'LayerNormalization',
    name: 'two axes, no bias',
    opsets: [17, 21],
    inputs: [variable([2, 2, 3]), floats([2, 3], 1, 2, 3, -1, 0.5, 1)],
    attributes: { axis: 1, epsilon: float(1e-2) },
  },
  {
    op: 'InstanceNormalization',
    name: 'images',
    opsets: [11, 17, 21],
    inputs: [variable([2, 2, 2, 3]), floats([2], 1, -2), floats([2], 0, 1)],
    attributes: { epsilon: float(1e-2) },
  },
  ...['Softmax', 'LogSoftmax'].flatMap((op) => [
    { op, name: 'default axis', opsets: [11, 13, 21], inputs: [x] },
    { op, name: 'axis 1', opsets: [11, 13, 21], inputs: [x], attributes: { axis: 1 } },
    { op, name: 'axis -2', opsets: [11, 13], inputs: [x], attributes: { axis: -2 } },
  ]),
];

/** Axes as an attribute where the opset has them there, else as an input. */
const reduce = (
  op: string,
  name: string,
  axes: readonly number[],
  keepdims: number,
): readonly GradientCase[] => {
  const data = variable(
    [2, 3, 4],
    op.includes('Max') || op.includes('Min') ? { distinct: true } : { avoid: [0] },
  );
  const asInput = op === 'ReduceSum' ? [13, 21] : [18, 21];
  const asAttribute = op === 'ReduceSum' ? [11] : [11, 17];
  return [
    { op, name, opsets: asInput, inputs: [data, ints(...axes)], attributes: { keepdims } },
    {
      op,
      name: `${name}, attribute`,
      opsets: asAttribute,
      inputs: [data],
      attributes: { axes, keepdims },
    },
  ];
};

const reductionNames = [
  'ReduceSum',
  'ReduceMean',
  'ReduceMax',
  'ReduceMin',
  'ReduceSumSquare',
  'ReduceL1',
  'ReduceL2',
  'ReduceLogSumExp',
];

const reductions: readonly GradientCase[] = reductionNames.flatMap((op) => [
  ...reduce(op, 'one axis', [1], 1),
  ...reduce(op, 'two axes, dropped', [-1, 0], 0),
  {
    op,
    name: 'all axes',
    opsets: [17, 21],
    inputs: [variable([2, 3], { distinct: true })],
    attributes: { keepdims: 0 },
  },
]);

const noops: readonly GradientCase[] = reductionNames.map((op) => ({
  op,
  name: 'no axes, no reduction',
  opsets: op === 'ReduceSum' ? [13, 21] : [18, 21],
  inputs: [variable([2, 3], { avoid: [0] }), ints()],
  attributes: { noop_with_empty_axes: 1 },
}));

const layout: readonly GradientCase[] = [
  { op: 'Identity', name: 'any', opsets: [11, 21], inputs: [x] },
  { op: 'Dropout', name: 'inference', opsets: [11], inputs: [x], attributes: { ratio: float(0.3) } },
  { op: 'Dropout', name: 'ratio as input', opsets: [12, 17, 21], inputs: [x, floats([], 0.3)] },
  {
    op: 'Dropout',
    name: 'ratio that varies',
    inputs: [x, variable([], { range: [0.3, 0.5] })],
    flat: [1],
  },
  { op: 'Cast', name: 'float to float', inputs: [x], attributes: { to: 1 } },
  { op: 'Flatten', name: 'axis 2', opsets: [11, 21], inputs: [x], attributes: { axis: 2 } },
  { op: 'Reshape', name: 'with -1', opsets: [11, 21], inputs: [x, ints(4, -1)] },
  { op: 'Transpose', name: 'cycle', opsets: [11, 21], inputs: [x], attributes: { perm: [2, 0, 1] } },
  { op: 'Transpose', name: 'default', inputs: [x] },
  {
    op: 'Squeeze',
    name: 'axes attribute',
    opsets: [11],
    inputs: [variable([2, 1, 3, 1])],
    attributes: { axes: [1] },
  },
  { op: 'Squeeze', name: 'axes input', opsets: [13, 21], inputs: [variable([2, 1, 3, 1]), ints(-1)] },
  { op: 'Squeeze', name: 'all', inputs: [variable([2, 1, 3, 1])] },
  { op: 'Unsqueeze', name: 'axes attribute', opsets: [11], inputs: [x], attributes: { axes: [0, 4] } },
  { op: 'Unsqueeze', name: 'axes input', opsets: [13, 21], inputs: [x, ints(0, 4)] },
  {
    op: 'Concat',
    name: 'three',
    opsets: [11, 21],
    inputs: [x, variable([2, 1, 4]), variable([2, 2, 4])],
    attributes: { axis: 1 },
  },
  {
    op: 'Concat',
    name: 'one is constant',
    inputs: [variable([1, 2]), floats([1, 1], 3)],
    attributes: { axis: -1 },
  },
  {
    op: 'Split',
    name: 'sizes attribute',
    opsets: [11],
    inputs: [x],
    outputs: 2,
    attributes: { axis: 2, split: [1, 3] },
  },
  {
    op: 'Split',
    name: 'sizes input',
    opsets: [13, 21],
    inputs: [x, ints(1, 3)],
    outputs: 2,
    attributes: { axis: -1 },
  },
  {
    op: 'Split',
    name: 'unused part',
    inputs: [x, ints(1, 3)],
    outputs: 2,
    loss: [1],
    attributes: { axis: 2 },
  },
  { op: 'Expand', name: 'both ways', opsets: [11, 21], inputs: [variable([3, 1]), ints(2, 1, 4)] },
  { op: 'Tile', name: 'two axes', opsets: [11, 21], inputs: [x, ints(2, 1, 3)] },
  {
    op: 'DepthToSpace',
    name: 'DCR',
    opsets: [11, 21],
    inputs: [variable([1, 8, 2, 3])],
    attributes: { blocksize: 2 },
  },
  {
    op: 'DepthToSpace',
    name: 'CRD',
    inputs: [variable([1, 8, 2, 3])],
    attributes: { blocksize: 2, mode: 'CRD' },
  },
  {
    op: 'SpaceToDepth',
    name: 'blocks of 2',
    opsets: [11, 21],
    inputs: [variable([1, 2, 4, 6])],
    attributes: { blocksize: 2 },
  },
];

export const structureCases: readonly GradientCase[] = [
  ...products,
  ...normalization,
  ...reductions,
  ...noops,
  ...layout,
];
