/** Central-difference cases of convolution and pooling: strides, pads, dilations, groups, ranks, auto_pad. */
import { variable, floats, type GradientCase } from '../central-differences';
import type { AttributeInput } from '../../../../server/src/onnx/builder';
import { elementCount } from '../../../../server/src/onnx/model';
import { generator, seedOf } from '../random';

const weights = (name: string, dims: readonly number[]) => {
  const random = generator(seedOf(name));
  return floats(dims, ...Array.from({ length: elementCount(dims) }, () => 2 * random() - 1));
};

type Attributes = Readonly<Record<string, AttributeInput>>;
type Row = readonly [
  name: string,
  input: readonly number[],
  weight: readonly number[],
  attributes: Attributes,
];

const convRows: readonly Row[] = [
  ['1x1', [2, 3, 3, 2], [4, 3, 1, 1], {}],
  ['3x3 same', [1, 2, 4, 5], [3, 2, 3, 3], { pads: [1, 1, 1, 1] }],
  ['stride 2 that skips the last row', [1, 2, 6, 5], [2, 2, 3, 3], { strides: [2, 2], pads: [0, 1, 1, 1] }],
  ['asymmetric pads', [1, 1, 4, 4], [2, 1, 3, 3], { pads: [0, 2, 1, 0] }],
  ['stride over pads 0,1', [1, 2, 6, 6], [2, 2, 3, 3], { strides: [2, 2], pads: [0, 0, 1, 1] }],
  ['dilation', [1, 1, 7, 6], [2, 1, 3, 2], { dilations: [2, 3] }],
  [
    'dilation and stride',
    [1, 1, 8, 7],
    [1, 1, 3, 2],
    { dilations: [2, 1], strides: [3, 2], pads: [1, 1, 2, 0] },
  ],
  ['groups', [1, 4, 3, 3], [6, 2, 2, 2], { group: 2 }],
  ['depthwise', [1, 3, 4, 4], [3, 1, 3, 3], { group: 3, pads: [1, 1, 1, 1] }],
  ['depthwise 5x5 stride 2', [1, 2, 7, 7], [2, 1, 5, 5], { group: 2, strides: [2, 2], pads: [2, 2, 2, 2] }],
  ['depthwise, multiplier 2', [1, 2, 4, 4], [4, 1, 3, 3], { group: 2, strides: [2, 2], pads: [0, 0, 1, 1] }],
  ['pad beyond the kernel', [1, 1, 3, 3], [1, 1, 2, 2], { pads: [2, 2, 2, 2] }],
  ['one axis', [2, 2, 6], [3, 2, 3], { strides: [2], pads: [1, 0] }],
  ['three axes', [1, 2, 3, 4, 3], [2, 2, 2, 2, 2], { strides: [1, 2, 1], pads: [0, 1, 0, 1, 0, 0] }],
  ['SAME_UPPER', [1, 1, 5, 6], [2, 1, 3, 4], { auto_pad: 'SAME_UPPER', strides: [2, 2] }],
  ['SAME_LOWER', [1, 1, 5, 6], [2, 1, 3, 4], { auto_pad: 'SAME_LOWER', strides: [2, 2] }],
  ['VALID', [1, 1, 5, 6], [2, 1, 3, 4], { auto_pad: 'VALID', strides: [2, 1] }],
  // What the stride leaves over is cropped: 2 to 6 elements.
  ...['SAME_UPPER', 'SAME_LOWER'].flatMap((mode): readonly Row[] => [
    [`${mode}, crops 3 and 4`, [1, 1, 4, 5], [1, 1, 1, 1], { auto_pad: mode, strides: [4, 5] }],
    [`${mode}, crops 5 and 6`, [1, 1, 12, 7], [2, 1, 1, 1], { auto_pad: mode, strides: [6, 7] }],
    [`${mode}, crops 1 and 2`, [1, 2, 8, 9], [1, 2, 1, 2], { auto_pad: mode, strides: [3, 5] }],
    [`${mode}, crops one axis`, [1, 1, 5, 6], [1, 1, 3, 2], { auto_pad: mode, strides: [2, 6] }],
  ]),
];

const conv: readonly GradientCase[] = convRows.map(([name, input, weight, attributes]) => ({
  op: 'Conv',
  name,
  opsets: name === 'groups' ? [11, 17, 21] : [17],
  inputs: [variable(input), weights(name, weight)],
  attributes,
}));

const convTransposeRows: readonly Row[] = [
  ['stride 2', [1, 2, 3, 3], [2, 3, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] }],
  ['groups and dilation', [1, 4, 3, 3], [4, 1, 2, 2], { group: 2, dilations: [2, 1] }],
  ['asymmetric pads', [1, 1, 4, 4], [1, 2, 3, 3], { pads: [0, 2, 1, 0], strides: [2, 1] }],
  ['SAME_UPPER', [1, 1, 3, 4], [1, 2, 4, 3], { auto_pad: 'SAME_UPPER', strides: [2, 2] }],
  ['SAME_LOWER', [1, 1, 3, 4], [1, 2, 4, 3], { auto_pad: 'SAME_LOWER', strides: [2, 2] }],
  ['output_shape', [1, 1, 3, 4], [1, 2, 3, 3], { output_shape: [6, 8], strides: [2, 2] }],
  ['one axis', [2, 2, 4], [2, 1, 3], { strides: [2] }],
  ...['SAME_UPPER', 'SAME_LOWER'].flatMap((mode): readonly Row[] => [
    [`${mode}, kernel below stride`, [1, 1, 3, 4], [1, 2, 1, 2], { auto_pad: mode, strides: [2, 3] }],
    [`${mode}, dilation`, [1, 1, 3, 4], [1, 2, 2, 3], { auto_pad: mode, strides: [3, 2], dilations: [3, 2] }],
    [
      `${mode}, output_shape`,
      [1, 1, 3, 4],
      [1, 2, 3, 2],
      { auto_pad: mode, strides: [2, 2], output_shape: [6, 7] },
    ],
    [
      `${mode}, output_padding`,
      [1, 1, 3, 4],
      [1, 2, 3, 2],
      { auto_pad: mode, strides: [3, 2], output_padding: [2, 1] },
    ],
  ]),
];

const convTranspose: readonly GradientCase[] = convTransposeRows.map(([name, input, weight, attributes]) => ({
  op: 'ConvTranspose',
  name,
  opsets: name === 'stride 2' ? [11, 17, 21] : [17],
  inputs: [variable(input), weights(name, weight)],
  attributes,
}));

const biases: readonly GradientCase[] = [
  {
    op: 'Conv',
    name: 'bias that varies',
    inputs: [variable([2, 2, 3, 3]), weights('b', [3, 2, 2, 2]), variable([3])],
  },
  {
    op: 'ConvTranspose',
    name: 'bias that varies',
    inputs: [variable([2, 2, 3, 3]), weights('b', [2, 3, 2, 2]), variable([3])],
  },
];

type PoolRow = readonly [
  name: string,
  input: readonly number[],
  attributes: Attributes,
  opsets?: readonly number[],
];

const poolRows: readonly PoolRow[] = [
  ['2x2', [2, 2, 4, 4], { kernel_shape: [2, 2], strides: [2, 2] }, [11, 12, 17, 21]],
  ['overlapping', [1, 2, 5, 5], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }, [11, 17, 21]],
  ['asymmetric pads', [1, 1, 4, 5], { kernel_shape: [3, 2], strides: [1, 2], pads: [0, 1, 1, 0] }],
  ['rows left over', [1, 1, 6, 7], { kernel_shape: [3, 3], strides: [2, 3] }],
  ['ceil_mode', [1, 1, 6, 6], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }],
  [
    'ceil_mode and pads',
    [1, 1, 6, 7],
    { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 },
  ],
  ['SAME_UPPER', [1, 1, 5, 6], { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' }],
  ['SAME_LOWER', [1, 1, 5, 6], { kernel_shape: [3, 2], strides: [2, 2], auto_pad: 'SAME_LOWER' }],
  ['one axis', [2, 1, 7], { kernel_shape: [3], strides: [2] }],
  ['three axes', [1, 1, 3, 4, 3], { kernel_shape: [2, 2, 2], strides: [1, 2, 1] }],
  ['windows beyond the input', [1, 1, 5, 2], { kernel_shape: [6, 3], strides: [2, 2] }, [11, 17, 19]],
];

const pools: readonly GradientCase[] = poolRows.flatMap(([name, input, attributes, opsets]) => [
  {
    op: 'MaxPool',
    name,
    opsets: opsets ?? [17],
    inputs: [variable(input, { distinct: true })],
    attributes,
  },
  { op: 'AveragePool', name, opsets: opsets ?? [17], inputs: [variable(input)], attributes },
  {
    op: 'AveragePool',
    name: `${name}, count_include_pad`,
    opsets: opsets ?? [17],
    inputs: [variable(input)],
    attributes: { ...attributes, count_include_pad: 1 },
  },
]);

const dilatedPools: readonly GradientCase[] = [
  {
    op: 'MaxPool',
    name: 'dilation',
    inputs: [variable([1, 2, 6, 5], { distinct: true })],
    attributes: { kernel_shape: [2, 2], dilations: [3, 2] },
  },
  {
    op: 'AveragePool',
    name: 'dilation',
    opsets: [19, 21],
    inputs: [variable([1, 2, 6, 5])],
    attributes: { kernel_shape: [2, 2], dilations: [3, 2], pads: [1, 0, 0, 1] },
  },
];

const sameDilated: readonly GradientCase[] = ['SAME_UPPER', 'SAME_LOWER'].flatMap((mode) =>
  [
    { kernel_shape: [2, 3], dilations: [3, 2] },
    { kernel_shape: [3, 2], dilations: [2, 3], strides: [2, 1] },
    { kernel_shape: [2, 2], dilations: [2, 2], strides: [3, 4], ceil_mode: 1 },
  ].flatMap((attributes): readonly GradientCase[] => [
    {
      op: 'MaxPool',
      name: `${mode} and dilation ${JSON.stringify(attributes)}`,
      inputs: [variable([1, 2, 7, 6], { distinct: true })],
      attributes: { ...attributes, auto_pad: mode },
    },
    ...[0, 1].map((count_include_pad) => ({
      op: 'AveragePool',
      name: `${mode} and dilation, include ${count_include_pad} ${JSON.stringify(attributes)}`,
      opsets: [19],
      inputs: [variable([1, 2, 7, 6])],
      attributes: { ...attributes, auto_pad: mode, count_include_pad },
    })),
  ]),
);

const globals: readonly GradientCase[] = [
  { op: 'GlobalAveragePool', name: 'planes', opsets: [11, 17, 21], inputs: [variable([2, 3, 2, 4])] },
  {
    op: 'GlobalMaxPool',
    name: 'planes',
    opsets: [11, 17, 21],
    inputs: [variable([2, 3, 2, 4], { distinct: true })],
  },
];

export const windowCases: readonly GradientCase[] = [
  ...conv,
  ...convTranspose,
  ...biases,
  ...pools,
  ...dilatedPools,
  ...sameDilated,
  ...globals,
];
