/** Central-difference cases of functions of one variable and of broadcasting arithmetic. */
import { float } from '../../../../server/src/onnx/builder';
import { floats, variable, type GradientCase, type Variable } from '../central-differences';

const shape = [2, 3, 2];

const unary = (
  op: string,
  extra: Omit<Variable, 'shape'> = {},
  opsets: readonly number[] = [11, 17, 21],
): GradientCase => ({ op, name: 'elements', opsets, inputs: [variable(shape, extra)] });

const smooth: readonly GradientCase[] = [
  unary('Sigmoid'),
  unary('Tanh'),
  unary('Erf'),
  unary('Exp'),
  unary('Log', { range: [0.5, 3] }),
  unary('Sqrt', { range: [0.5, 3] }),
  unary('Reciprocal', { range: [0.7, 3] }),
  unary('Neg'),
  unary('Abs', { avoid: [0] }),
  unary('Sin'),
  unary('Cos'),
  unary('Tan', { range: [-1, 1] }),
  unary('Asin', { range: [-0.7, 0.7] }),
  unary('Acos', { range: [-0.7, 0.7] }),
  unary('Atan'),
  unary('Sinh'),
  unary('Cosh'),
  unary('Asinh'),
  unary('Acosh', { range: [1.6, 3] }),
  unary('Atanh', { range: [-0.7, 0.7] }),
  unary('Softplus'),
  unary('Softsign', { avoid: [0] }),
  unary('Mish', { range: [-4, 4] }, [18, 21]),
  unary('Gelu', {}, [20, 21]),
  { ...unary('Gelu', {}, [20, 21]), name: 'tanh form', attributes: { approximate: 'tanh' } },
];

const withAttributes = (
  op: string,
  name: string,
  attributes: GradientCase['attributes'],
  extra: Omit<Variable, 'shape'> = {},
): GradientCase => ({
  op,
  name,
  opsets: [14, 17],
  inputs: [variable(shape, extra)],
  attributes: attributes ?? {},
});

const kinked: readonly GradientCase[] = [
  unary('Relu', { avoid: [0] }),
  unary('LeakyRelu', { avoid: [0] }),
  withAttributes('LeakyRelu', 'alpha 0.3', { alpha: float(0.3) }, { avoid: [0] }),
  unary('Elu', { avoid: [0] }),
  withAttributes('Elu', 'alpha 0.7', { alpha: float(0.7) }, { avoid: [0] }),
  unary('Selu', { avoid: [0] }),
  unary('HardSigmoid', { range: [-4, 4], avoid: [-2.5, 2.5] }),
  withAttributes(
    'HardSigmoid',
    'alpha 1/6',
    { alpha: float(1 / 6), beta: float(0.5) },
    { range: [-5, 5], avoid: [-3, 3] },
  ),
  unary('HardSwish', { range: [-5, 5], avoid: [-3, 3] }, [14, 17, 21]),
  unary('ThresholdedRelu', { avoid: [1] }),
  withAttributes('ThresholdedRelu', 'alpha 0.2', { alpha: float(0.2) }, { avoid: [0.2] }),
  { op: 'PRelu', name: 'one slope', inputs: [variable(shape, { avoid: [0] }), floats([1], 0.2)] },
  {
    op: 'PRelu',
    name: 'slope per channel, also differentiated',
    opsets: [11, 16, 17],
    inputs: [variable([2, 3, 2, 2], { avoid: [0] }), variable([3, 1, 1])],
  },
  {
    op: 'Clip',
    name: 'both bounds',
    opsets: [11, 13, 21],
    inputs: [variable(shape, { range: [-2, 8], avoid: [0, 5] }), floats([], 0), floats([], 5)],
  },
  {
    op: 'Clip',
    name: 'ReLU6',
    inputs: [variable(shape, { range: [-2, 8], avoid: [0, 6] }), floats([], 0), floats([], 6)],
  },
  { op: 'Clip', name: 'lower bound', inputs: [variable(shape, { avoid: [0.5] }), floats([], 0.5)] },
  { op: 'Clip', name: 'upper bound', inputs: [variable(shape, { avoid: [0.5] }), null, floats([], 0.5)] },
  { op: 'Clip', name: 'no bounds', inputs: [variable(shape)] },
  ...(
    [
      ['bounds that vary', [-1, -0.8], [0.8, 1]],
      ['bounds that vary and cross', [0.8, 1], [-1, -0.8]],
    ] as const
  ).map(([name, low, high]) => ({
    op: 'Clip',
    name,
    opsets: [11, 17],
    inputs: [
      variable(shape, { avoid: [-1, -0.9, -0.8, 0.8, 0.9, 1] }),
      variable([], { range: low }),
      variable([], { range: high }),
    ],
  })),
];

const full: Variable = variable([2, 3, 4]);
const away: Omit<Variable, 'shape'> = { range: [0.7, 3] };

/** Shapes that broadcast in each direction, and in both at once. */
const broadcasts: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ['same shape', [2, 3], [2, 3]],
  ['scalar', [2, 3], []],
  ['per channel', [2, 3, 2, 2], [3, 1, 1]],
  ['gate', [2, 3, 2, 2], [2, 3, 1, 1]],
  ['left is smaller', [3], [2, 3]],
  ['both directions', [2, 1, 3], [4, 1]],
];

const binary = (op: string, extra: Omit<Variable, 'shape'> = {}): readonly GradientCase[] =>
  broadcasts.map(([name, a, b]) => ({
    op,
    name,
    opsets: name === 'gate' ? [11, 13, 17, 21] : [17],
    inputs: [variable(a, extra), variable(b, extra)],
  }));

const arithmetic: readonly GradientCase[] = [
  ...binary('Add'),
  ...binary('Sub'),
  ...binary('Mul'),
  ...binary('Div', away),
  ...binary('Pow', away),
  { op: 'Pow', name: 'square of any sign', inputs: [variable(shape), floats([], 2)] },
  { op: 'Pow', name: 'cube, one-element exponent', inputs: [variable(shape), floats([1], 3)] },
  { op: 'Mul', name: 'by a constant', inputs: [full, floats([4], 1, -2, 3, 0.5)] },
  { op: 'Div', name: 'of a constant', inputs: [floats([], 2), variable(shape, away)] },
  { op: 'Sum', name: 'three inputs', inputs: [full, variable([3, 1]), variable([4])] },
  { op: 'Sum', name: 'one input', inputs: [full] },
  { op: 'Mean', name: 'three inputs', inputs: [full, variable([3, 1]), variable([4])] },
  { op: 'Max', name: 'two inputs', inputs: [variable(shape, { distinct: true }), floats([], 0.1)] },
  {
    op: 'Max',
    name: 'broadcast',
    inputs: [
      variable([2, 3], { range: [-2, 0.8], avoid: [0.5] }),
      floats([3], 0.5, 0.5, 0.5),
      variable([1], { range: [1, 2] }),
    ],
  },
  { op: 'Min', name: 'two inputs', inputs: [variable(shape, { distinct: true }), floats([], 0.1)] },
  {
    op: 'Where',
    name: 'broadcast condition',
    inputs: [
      { type: 'bool', dims: [3, 1], data: Uint8Array.from([1, 0, 1]) },
      variable([2, 3, 2]),
      variable([2]),
    ],
  },
];

export const pointwiseCases: readonly GradientCase[] = [...smooth, ...kinked, ...arithmetic];
