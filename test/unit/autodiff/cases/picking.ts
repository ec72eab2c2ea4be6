/** Central-difference cases of operators that pick, place, resize or compare elements, and of those that stop the gradient. */
import { float, int64Tensor } from '../../../../server/src/onnx/builder';
import { floats, index, ints, variable, type GradientCase } from '../central-differences';

const x = variable([2, 3, 4]);

const picking: readonly GradientCase[] = [
  { op: 'Slice', name: 'two axes', opsets: [11, 21], inputs: [x, ints(1, 1), ints(3, 4), ints(1, -1)] },
  { op: 'Slice', name: 'ends beyond the axis', inputs: [x, ints(-2), ints(2 ** 40), ints(2)] },
  { op: 'Slice', name: 'default axes', inputs: [x, ints(0, 1), ints(1, 3)] },
  { op: 'Slice', name: 'step 2', inputs: [variable([2, 7]), ints(1), ints(7), ints(1), ints(2)] },
  { op: 'Slice', name: 'step 3, remainder', inputs: [variable([2, 7]), ints(0), ints(7), ints(1), ints(3)] },
  {
    op: 'Slice',
    name: 'reversed',
    inputs: [variable([2, 5]), ints(-1), ints(-(2 ** 40)), ints(1), ints(-1)],
  },
  ...[2 ** 31 - 1, -(2 ** 31)].flatMap((end) =>
    [-1, -2].map((by) => ({
      op: 'Slice',
      name: `step ${by} to ${end}`,
      inputs: [variable([2, 5]), ints(-2), ints(end), ints(1), ints(by)],
    })),
  ),
  {
    op: 'Slice',
    name: 'step -2 from beyond',
    inputs: [variable([7, 2]), ints(9), ints(0), ints(0), ints(-2)],
  },
  { op: 'Pad', name: 'zeros', opsets: [11, 13, 21], inputs: [variable([2, 3]), ints(0, 1, 2, 0)] },
  { op: 'Pad', name: 'a value', inputs: [variable([2, 3]), ints(1, 1, 0, 0), floats([], 0.5)] },
  {
    op: 'Pad',
    name: 'a value that varies',
    opsets: [11, 17, 21],
    inputs: [variable([2, 3]), ints(1, -1, 0, 2), variable([])],
  },
  {
    op: 'Pad',
    name: 'a value that varies, axes',
    opsets: [18],
    inputs: [x, ints(1, 2), variable([]), ints(-2)],
  },
  { op: 'Pad', name: 'negative pads', inputs: [variable([3, 4]), ints(-1, 1, 0, -2)] },
  { op: 'Pad', name: 'axes', opsets: [18, 21], inputs: [x, ints(1, 2), floats([], 0), ints(-1)] },
  { op: 'Gather', name: 'scalar index', opsets: [11, 21], inputs: [x, index(-1)], attributes: { axis: 1 } },
  { op: 'Gather', name: 'one index', inputs: [x, ints(2)], attributes: { axis: 2 } },
  { op: 'Gather', name: 'repeated indices', inputs: [x, ints(2, 0, 2, -1)], attributes: { axis: 1 } },
  {
    op: 'Gather',
    name: 'index matrix on the last axis',
    inputs: [x, { ...ints(0, 1, 3, 3, 2, 0), dims: [2, 3] }],
    attributes: { axis: -1 },
  },
];

const oneHots: readonly GradientCase[] = [
  {
    op: 'OneHot',
    name: 'values that vary',
    opsets: [11, 17],
    inputs: [ints(0, 2, -1), index(4), variable([2])],
  },
  {
    op: 'OneHot',
    name: 'floating indices and depth',
    inputs: [variable([3], { range: [1.2, 1.8] }), variable([], { range: [3.2, 3.8] }), variable([2])],
    flat: [0, 1],
  },
  {
    op: 'OneHot',
    name: 'out of range, axis 0',
    inputs: [ints(0, 7, 1, 1), index(3), variable([2])],
    attributes: { axis: 0 },
  },
];

const image = variable([1, 2, 3, 4]);
const scales = floats([4], 1, 1, 2, 2);

const resizing: readonly GradientCase[] = [
  ...['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel'].flatMap((coordinates) => [
    {
      op: 'Resize',
      name: `linear, ${coordinates}`,
      opsets: coordinates === 'half_pixel' ? [11, 13, 18, 19] : [17],
      inputs: [image, floats([0]), scales],
      attributes: { mode: 'linear', coordinate_transformation_mode: coordinates },
    },
    {
      op: 'Resize',
      name: `nearest, ${coordinates}`,
      inputs: [image, floats([0]), scales],
      attributes: { mode: 'nearest', coordinate_transformation_mode: coordinates, nearest_mode: 'floor' },
    },
  ]),
  ...['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'].map((nearest) => ({
    op: 'Resize',
    name: `nearest, ${nearest}`,
    inputs: [image, floats([0]), floats([4], 1, 1, 1.5, 2)],
    attributes: { mode: 'nearest', nearest_mode: nearest },
  })),
  {
    op: 'Resize',
    name: 'sizes',
    inputs: [image, null, null, ints(1, 2, 5, 3)],
    attributes: { mode: 'linear' },
  },
  { op: 'Resize', name: 'cubic', inputs: [image, null, scales], attributes: { mode: 'cubic' } },
  {
    op: 'Resize',
    name: 'cubic, outside excluded',
    inputs: [image, null, scales],
    attributes: { mode: 'cubic', exclude_outside: 1, cubic_coeff_a: float(-0.5) },
  },
  {
    op: 'Resize',
    name: 'axes',
    opsets: [18, 19],
    inputs: [image, null, floats([2], 2, 1.5)],
    attributes: { mode: 'linear', axes: [2, -1] },
  },
  ...[0, 1].flatMap((exclude_outside) =>
    ['linear', 'cubic'].flatMap((mode) =>
      [
        [0.4, 0.6],
        [1.5, 0.5],
      ].map((sizes) => ({
        op: 'Resize',
        name: `antialiased, ${mode}, ${exclude_outside === 1 ? 'without' : 'with'} what lies outside, ${sizes.join()}`,
        opsets: [18, 19],
        inputs: [variable([1, 1, 7, 6]), null, floats([4], 1, 1, ...sizes)],
        attributes: { mode, antialias: 1, exclude_outside },
      })),
    ),
  ),
  ...['not_larger', 'not_smaller'].map((keep_aspect_ratio_policy) => ({
    op: 'Resize',
    name: keep_aspect_ratio_policy,
    opsets: [18, 19],
    inputs: [image, null, null, ints(5, 9)],
    attributes: { mode: 'linear', keep_aspect_ratio_policy, axes: [2, 3] },
  })),
  {
    op: 'Resize',
    name: 'half_pixel_symmetric',
    opsets: [19],
    inputs: [image, null, floats([4], 1, 1, 1.4, 1.6)],
    attributes: { mode: 'linear', coordinate_transformation_mode: 'half_pixel_symmetric' },
  },
];

const step = (op: string, opsets: readonly number[] = [17]): GradientCase => ({
  op,
  name: 'steps',
  opsets,
  inputs: [variable([2, 3], op.startsWith('Arg') ? { distinct: true } : { range: [0.1, 0.4] })],
  stops: true,
});

const compare = (op: string): GradientCase => ({
  op,
  name: 'comparison',
  inputs: [variable([2, 3]), variable([], { range: [9, 10] })],
  stops: true,
});

const truth = { type: 'bool', dims: [2], data: Uint8Array.from([1, 0]) } as const;
const logic = (op: string): GradientCase => ({
  op,
  name: 'constants',
  inputs: op === 'Not' ? [truth] : [truth, truth],
  stops: true,
});

const stops: readonly GradientCase[] = [
  step('Floor'),
  step('Ceil'),
  step('Round'),
  step('Sign', [11, 17]),
  step('IsNaN'),
  step('IsInf'),
  step('Shape'),
  step('Size'),
  step('ArgMax'),
  step('ArgMin'),
  step('NonZero'),
  step('EyeLike'),
  compare('Equal'),
  compare('Greater'),
  compare('GreaterOrEqual'),
  compare('Less'),
  compare('LessOrEqual'),
  logic('Not'),
  logic('And'),
  logic('Or'),
  logic('Xor'),
  {
    op: 'Constant',
    name: 'value',
    inputs: [],
    attributes: { value: { kind: 'tensor', value: floats([1], 1) } },
    stops: true,
  },
  { op: 'ConstantOfShape', name: 'shape', inputs: [ints(2, 2)], stops: true },
  { op: 'Range', name: 'integers', inputs: [index(0), index(4), index(1)], stops: true },
];

const grid = variable([2, 3, 4]);
const picked = int64Tensor([0, 2, 1, 1, 0, 0, 2, 2], [2, 2, 2]);

const scattering: readonly GradientCase[] = [
  { op: 'GatherElements', name: 'twice the same', inputs: [grid, picked], attributes: { axis: 1 } },
  {
    op: 'GatherElements',
    name: 'last axis',
    inputs: [grid, picked],
    attributes: { axis: -1 },
    opsets: [16, 17, 21],
  },
  { op: 'GatherND', name: 'rows', inputs: [grid, int64Tensor([0, 1, 1, 2, 0, 1], [3, 2])] },
  {
    op: 'GatherND',
    name: 'batches',
    inputs: [grid, int64Tensor([1, 0, 2, 1], [2, 2, 1])],
    attributes: { batch_dims: 1 },
    opsets: [16, 17, 21],
  },
  {
    op: 'ScatterElements',
    name: 'replaces',
    inputs: [grid, int64Tensor([0, 1, 1, 0], [1, 1, 4]), variable([1, 1, 4])],
    attributes: { axis: 1 },
  },
  {
    op: 'ScatterElements',
    name: 'adds',
    inputs: [grid, picked, variable([2, 2, 2])],
    attributes: { axis: 1, reduction: 'add' },
    opsets: [16, 17, 21],
  },
  { op: 'ScatterND', name: 'replaces', inputs: [grid, int64Tensor([0, 2, 1, 0], [2, 2]), variable([2, 4])] },
  {
    op: 'ScatterND',
    name: 'adds',
    inputs: [grid, int64Tensor([1, 1], [2, 1]), variable([2, 3, 4])],
    attributes: { reduction: 'add' },
    opsets: [16, 17, 21],
  },
  ...['mul', 'max', 'min'].flatMap((reduction): GradientCase[] => [
    {
      op: 'ScatterElements',
      name: reduction,
      inputs: [variable([2, 3, 4], { distinct: true }), picked, variable([2, 2, 2], { distinct: true })],
      attributes: { axis: 1, reduction },
      opsets: reduction === 'mul' ? [16, 18] : [18],
    },
    {
      op: 'ScatterND',
      name: reduction,
      inputs: [variable([2, 3], { distinct: true }), int64Tensor([1, -1], [2, 1]), variable([2, 3])],
      attributes: { reduction },
      opsets: reduction === 'mul' ? [16, 18] : [18],
    },
  ]),
  {
    op: 'TopK',
    name: 'largest',
    inputs: [variable([2, 3, 4], { distinct: true }), ints(2)],
    outputs: 2,
    loss: [0],
    indices: [1],
    opsets: [11, 17, 21],
  },
  {
    op: 'TopK',
    name: 'smallest',
    outputs: 2,
    loss: [0],
    indices: [1],
    inputs: [variable([2, 3, 4], { distinct: true }), ints(2)],
    attributes: { axis: 1, largest: 0 },
  },
  { op: 'CumSum', name: 'forward', inputs: [grid, index(1)], opsets: [11, 17, 21] },
  {
    op: 'CumSum',
    name: 'backward, exclusive',
    inputs: [grid, index(-1)],
    attributes: { exclusive: 1, reverse: 1 },
  },
  { op: 'Trilu', name: 'upper', inputs: [grid], opsets: [14, 17] },
  { op: 'Trilu', name: 'lower, shifted', inputs: [grid, index(1)], attributes: { upper: 0 } },
  { op: 'ReverseSequence', name: 'columns', inputs: [variable([3, 2, 2]), ints(2, 3)], opsets: [10, 17] },
  ...['reflect', 'edge', 'wrap'].map((mode) => ({
    op: 'Pad',
    name: mode,
    inputs: [variable([2, 3, 4]), ints(0, 2, 1, 0, 1, 3)],
    attributes: { mode },
    opsets: mode === 'wrap' ? [19, 21] : [11, 17, 21],
  })),
  {
    op: 'ReduceProd',
    name: 'no zero',
    inputs: [variable([2, 3], { avoid: [0] })],
    attributes: { axes: [1] },
    opsets: [11, 17],
  },
  {
    op: 'ReduceProd',
    name: 'axes as input',
    inputs: [variable([2, 3, 2]), ints(0, 2)],
    attributes: { keepdims: 0 },
    opsets: [18, 21],
  },
  {
    op: 'Hardmax',
    name: 'elements',
    inputs: [variable([2, 4], { distinct: true })],
    stops: true,
    opsets: [11, 13, 17],
  },
];

export const pickingCases: readonly GradientCase[] = [
  ...scattering,
  ...picking,
  ...oneHots,
  ...resizing,
  ...stops,
];
