/** Operators on small constants, whose values are known. */
import { float, float32Tensor, floats, int64Tensor } from '../../../../server/src/onnx/builder';
import type { Row } from './shape-rows';
import { int64, scalar, wide, int32, f32, bool } from './shape-rows';

export const valued: readonly Row[] = [
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
  { op: 'Pow', inputs: [f32(64, 49, 576), float32Tensor([], [0.5])] },
  { op: 'Pow', inputs: [int64(3, -2, 0), int64(2, 3, 0)] },
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
