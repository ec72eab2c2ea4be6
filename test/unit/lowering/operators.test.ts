/** Operators that are written with others: the numbers of onnxruntime's own kernels, and gradients that agree with differences. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareWithDifferences } from '../../../bench/fuzz/gradients/compare';
import { Random } from '../../../bench/fuzz/random';
import {
  float,
  floats as floatList,
  int64Tensor,
  type AttributeInput,
} from '../../../server/src/onnx/builder';
import type { Attribute } from '../../../server/src/onnx/model';
import { lower } from '../../../server/src/lowering/lower';
import { feedsOf, floats, modelOf, sameAsFile, type Operand, type Row } from './support/same-as-file';

const IMAGE = [1, 4, 4, 5];
const MS = 'com.microsoft';

type Attributes = Readonly<Record<string, AttributeInput>>;
const row = (
  op: string,
  opset: number,
  inputs: readonly Operand[],
  attributes: Attributes = {},
  outputs = 1,
): Row => ({
  ...{ op, opset, inputs, attributes },
  outputs: Array.from({ length: outputs }, () => true),
});
const contrib = (op: string, inputs: readonly Operand[], attributes: Attributes = {}): Row => ({
  ...row(op, 17, inputs, attributes),
  domain: MS,
});
const KERNEL = floats([3, 2, 3, 3], ...Array.from({ length: 54 }, (_, i) => Math.sin(i)));
const strings = (...value: string[]): Attribute => ({ kind: 'strings', value });
const equation = (text: string): Attributes => ({ equation: text });

const modes = ['bilinear', 'nearest', 'bicubic'].flatMap((mode) =>
  ['zeros', 'border', 'reflection'].flatMap((padding_mode) =>
    [0, 1].map((align_corners) =>
      row(
        'GridSample',
        17,
        [
          [1, 2, 4, 5],
          [1, 3, 2, 2],
        ],
        { mode, padding_mode, align_corners },
      ),
    ),
  ),
);

const recurrent = (['LSTM', 'GRU', 'RNN'] as const).flatMap((op) => {
  const gates = { LSTM: 4, GRU: 3, RNN: 1 }[op];
  const [hidden, width] = [3, 2];
  const inputs = (directions: number): number[][] => [
    [4, 2, width],
    [directions, gates * hidden, width],
    [directions, gates * hidden, hidden],
    [directions, 2 * gates * hidden],
  ];
  const outputs = op === 'LSTM' ? 3 : 2;
  const first = [null, [1, 2, hidden], ...(op === 'LSTM' ? [[1, 2, hidden]] : [])];
  return [
    row(op, 14, inputs(1).slice(0, 3), { hidden_size: hidden }, outputs),
    row(op, 14, [...inputs(1), ...first], { hidden_size: hidden, direction: 'reverse' }, outputs),
    row(op, 14, inputs(2), { hidden_size: hidden, direction: 'bidirectional' }, outputs),
  ];
});

const rows: readonly Row[] = [
  row('Celu', 17, [[2, 3]], { alpha: float(0.7) }),
  row('Celu', 12, [[2, 3]]),
  row('Shrink', 17, [[2, 9]], { lambd: float(0.8), bias: float(0.3) }),
  row('LRN', 17, [IMAGE], { size: 3, alpha: float(0.3), beta: float(0.6), bias: float(1.5) }),
  row('LRN', 9, [IMAGE], { size: 5 }),
  row('MeanVarianceNormalization', 13, [[2, 3, 3, 4]]),
  row('MeanVarianceNormalization', 9, [[2, 3, 3, 4]], { axes: [1, -1] }),
  row('LpNormalization', 17, [[2, 3, 4]], { axis: 1, p: 1 }),
  row('LpNormalization', 22, [[2, 3, 4]]),
  row('GroupNormalization', 18, [IMAGE, [2], [2]], { num_groups: 2 }),
  row('GroupNormalization', 21, [IMAGE, [4], [4]], { num_groups: 2, epsilon: float(1e-3) }),
  row('RMSNormalization', 23, [[2, 3, 4], [4]]),
  row('LpPool', 11, [IMAGE], { kernel_shape: [2, 3], strides: [1, 2], pads: [1, 0, 0, 1], p: 3 }),
  row('LpPool', 18, [IMAGE], { kernel_shape: [2, 2], dilations: [1, 2], ceil_mode: 1, strides: [2, 2] }),
  row('LpPool', 11, [IMAGE], { kernel_shape: [3, 2], auto_pad: 'SAME_LOWER', strides: [2, 2], p: 1 }),
  row('GlobalLpPool', 17, [IMAGE]),
  row('MaxUnpool', 11, [[1, 1, 2, 2], int64Tensor([0, 3, 9, 15], [1, 1, 2, 2])], {
    kernel_shape: [2, 2],
    strides: [2, 2],
  }),
  row('Col2Im', 18, [[2, 8, 6], int64Tensor([3, 4]), int64Tensor([2, 2])]),
  row('Col2Im', 18, [[1, 6, 6], int64Tensor([5, 5]), int64Tensor([2, 3])], {
    strides: [2, 1],
    pads: [1, 0, 0, 1],
    dilations: [1, 2],
  }),
  row('ReduceLogSum', 17, [floats([2, 3], 1, 2, 3, 0.5, 4, 2)], { axes: [1] }),
  ...['ij->ji', 'ij,jk->ik', 'bij,bjk->bik', 'ii->i', 'ii', 'ij->'].map((text) =>
    row(
      'Einsum',
      17,
      text
        .split('->')[0]!
        .split(',')
        .map((term) => (term === 'ii' ? [3, 3] : term.startsWith('b') ? [2, 3, 3] : [3, 3])),
      equation(text),
    ),
  ),
  row(
    'Einsum',
    17,
    [
      [2, 3, 4, 5],
      [2, 6, 4, 5],
    ],
    equation('bhqd,bkqd->bhkq'),
  ),
  row('Einsum', 17, [[2, 3, 4], [4, 5], [5]], equation('...ij,jk,k->i...')),
  row(
    'Einsum',
    17,
    [
      [1, 3, 4],
      [2, 4, 2],
    ],
    equation('...ab,...bc'),
  ),
  row(
    'Einsum',
    17,
    [
      [2, 3],
      [4, 5],
    ],
    equation('ab,cd->acdb'),
  ),
  row('Attention', 23, [
    [1, 2, 3, 4],
    [1, 2, 5, 4],
    [1, 2, 5, 4],
  ]),
  row(
    'Attention',
    23,
    [
      [1, 3, 8],
      [1, 5, 4],
      [1, 5, 4],
      [3, 5],
    ],
    { q_num_heads: 4, kv_num_heads: 2, softcap: float(2) },
  ),
  row(
    'Attention',
    23,
    [
      [1, 2, 4, 4],
      [1, 2, 4, 4],
      [1, 2, 4, 4],
    ],
    { is_causal: 1, scale: float(0.3) },
  ),
  row('RotaryEmbedding', 23, [
    [1, 2, 3, 4],
    [1, 3, 2],
    [1, 3, 2],
  ]),
  row('RotaryEmbedding', 23, [[1, 3, 12], [7, 2], [7, 2], int64Tensor([2, 0, 5], [1, 3])], {
    num_heads: 2,
    interleaved: 1,
    rotary_embedding_dim: 4,
  }),
  ...modes,
  row(
    'GridSample',
    20,
    [
      [1, 1, 3, 3, 4],
      [1, 2, 2, 2, 3],
    ],
    { mode: 'linear' },
  ),
  row('AffineGrid', 20, [[2, 2, 3], int64Tensor([2, 1, 3, 4])], { align_corners: 1 }),
  row('AffineGrid', 20, [[1, 3, 4], int64Tensor([1, 1, 2, 3, 2])]),
  row('DeformConv', 19, [[1, 4, 5, 5], [2, 2, 2, 2], [1, 16, 3, 3], [2], [1, 8, 3, 3]], {
    group: 2,
    offset_group: 2,
    strides: [2, 2],
    pads: [1, 0, 1, 1],
  }),
  row('RoiAlign', 16, [[2, 2, 6, 7], floats([2, 4], 0, 0, 4, 5, 1.5, 1, 6, 4), int64Tensor([1, 0])], {
    output_height: 2,
    output_width: 3,
    sampling_ratio: 2,
  }),
  row('RoiAlign', 10, [[1, 2, 6, 7], floats([1, 4], 0, 0, 9, 8), int64Tensor([0])], {
    output_height: 2,
    output_width: 2,
    spatial_scale: float(0.5),
  }),
  ...recurrent,
  contrib('FusedConv', [[1, 2, 4, 4], KERNEL, [3]], { activation: 'Relu' }),
  contrib('FusedConv', [[1, 2, 4, 4], KERNEL, [3]], {
    activation: 'LeakyRelu',
    activation_params: floatList([0.2]),
    pads: [1, 1, 1, 1],
  }),
  contrib('FusedConv', [[1, 2, 4, 4], KERNEL], {
    activation: 'Clip',
    activation_params: floatList([-1, 1.5]),
  }),
  contrib(
    'FusedMatMul',
    [
      [2, 3, 4],
      [2, 5, 4],
    ],
    { alpha: float(0.5), transB: 1 },
  ),
  contrib(
    'FusedMatMul',
    [
      [4, 3],
      [4, 5],
    ],
    { transA: 1 },
  ),
  contrib(
    'FusedMatMul',
    [
      [3, 2, 4],
      [2, 4, 5],
    ],
    { transBatchA: 1 },
  ),
  contrib('FusedGemm', [[2, 3], [3, 4], [4]], {
    activation: 'LeakyRelu',
    activation_alpha: float(0.3),
    alpha: float(0.5),
  }),
  contrib('Gelu', [[2, 5]]),
  contrib('BiasGelu', [[2, 5], [5]]),
  contrib('FastGelu', [[2, 5], [5]]),
  contrib('QuickGelu', [[2, 5]], { alpha: float(1.5) }),
  contrib('SkipLayerNormalization', [[1, 3, 4], [1, 3, 4], [4], [4], [4]], { epsilon: float(1e-5) }),
  contrib('SkipSimplifiedLayerNormalization', [[1, 3, 4], [1, 3, 4], [4]], { epsilon: float(1e-5) }),
  row('SimplifiedLayerNormalization', 17, [[1, 3, 4], [4]], { axis: -1, epsilon: float(1e-5) }),
  contrib('Attention', [[1, 3, 8], [8, 24], [24]], { num_heads: 2 }),
  contrib(
    'MultiHeadAttention',
    [
      [1, 3, 8],
      [1, 5, 8],
      [1, 5, 4],
    ],
    { num_heads: 2 },
  ),
  contrib('MultiHeadAttention', [[1, 3, 8], [1, 3, 8], [1, 3, 8], [24]], { num_heads: 2, scale: float(0.2) }),
];

describe('an operator that is written with others', () => {
  rows.forEach((each, i) => {
    const { mode } = each.attributes ?? {};
    test(`${each.op} ${each.opset}, ${i}`, async () => {
      const model = modelOf(each);
      const lowered = await sameAsFile(model, { tolerance: 5e-6 });
      // The nearest pixel is not a continuous function of the grid.
      if (model.graph.inputs.length === 0 || mode === 'nearest') return;
      const verdict = await compareWithDifferences(lowered, feedsOf(model), new Random(1, i));
      assert.equal(verdict.is, 'right', JSON.stringify(verdict));
    });
  });
});

test('what is not lowered is named with the reason', () => {
  const reasons = [
    [
      row(
        'LSTM',
        14,
        [
          [300, 1, 2],
          [1, 8, 2],
          [1, 8, 2],
        ],
        { hidden_size: 2 },
      ),
      /LSTM.*300 steps/,
    ],
    [
      row(
        'LSTM',
        14,
        [
          [3, 1, 2],
          [1, 8, 2],
          [1, 8, 2],
        ],
        { hidden_size: 2, activations: strings('Cubic', 'Tanh', 'Tanh') },
      ),
      /its activation Cubic is not known/,
    ],
    [contrib('FusedConv', [[1, 2, 4, 4], KERNEL], { activation: 'Cubic' }), /activation Cubic is not known/],
    [contrib('Attention', [[1, 3, 8], [8, 24], [24], [1, 3]], { num_heads: 2 }), /Attention.*a mask/],
  ] as const;
  const blocked = {
    ...modelOf(row('Relu', 17, [[1]])),
    graph: {
      ...modelOf(row('Relu', 17, [[1]])).graph,
      nodes: modelOf(row('Relu', 17, [[1]])).graph.nodes.map((node) => ({
        ...node,
        domain: 'com.microsoft.nchwc',
      })),
    },
  };
  assert.match(lower(blocked).refusals.get('y0')?.message ?? '', /optimized the file for one CPU/);
  for (const [each, reason] of reasons)
    assert.match(lower(modelOf(each)).refusals.get('y0')?.message ?? '', reason);
});
