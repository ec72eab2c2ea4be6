/** Recurrent cells with everything that they may have, borders that go around, and weights in blocks of a few bits: as onnxruntime computes them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareWithDifferences } from '../../../bench/fuzz/gradients/compare';
import { Random } from '../../../bench/fuzz/random';
import { lower } from '../../../server/src/lowering/lower';
import { precisionOf } from '../../../server/src/lowering/precision';
import { float, floats as floatList, int64Tensor } from '../../../server/src/onnx/builder';
import type { AttributeInput } from '../../../server/src/onnx/builder';
import type { Attribute, ConstantTensor, DataType } from '../../../server/src/onnx/model';
import { feedsOf, floats, modelOf, run, sameAsFile, type Operand, type Row } from './support/same-as-file';

const strings = (...value: string[]): Attribute => ({ kind: 'strings', value });
const some = (count: number, scale: number): number[] =>
  Array.from({ length: count }, (_, i) => scale * Math.sin(1.7 * i + 1));
const small = (type: DataType, dims: number[], data: Uint8Array): ConstantTensor => ({ type, dims, data });
const lengths = (...own: number[]): ConstantTensor =>
  small('int32', [own.length], new Uint8Array(Int32Array.from(own).buffer));
const bytes = (dims: number[]): ConstantTensor =>
  small(
    'uint8',
    dims,
    Uint8Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => (i * 89 + 13) % 256),
  );

const [HIDDEN, WIDTH, STEPS, BATCH] = [2, 3, 4, 2];
const GATES = { LSTM: 4, GRU: 3, RNN: 1 } as const;
type Cell = keyof typeof GATES;
const FUNCTIONS = { LSTM: 3, GRU: 2, RNN: 1 } as const;

interface Rare {
  readonly of: string;
  readonly sequences?: ConstantTensor;
  readonly peepholes?: boolean;
  readonly attributes?: Readonly<Record<string, AttributeInput>>;
}

/** Weights are constants: what is compared is the way of the picture. */
function recurrent(op: Cell, { of, sequences, peepholes, attributes = {} }: Rare): Row {
  const directions = attributes.direction === 'bidirectional' ? 2 : 1;
  const rows = GATES[op] * HIDDEN;
  const constant = (...dims: number[]): ConstantTensor =>
    floats(
      dims,
      ...some(
        dims.reduce((a, b) => a * b),
        0.6,
      ),
    );
  const state = [directions, BATCH, HIDDEN];
  return {
    ...{ op, of, opset: 14 },
    inputs: [
      [STEPS, BATCH, WIDTH],
      constant(directions, rows, WIDTH),
      constant(directions, rows, HIDDEN),
      constant(directions, 2 * rows),
      sequences ?? null,
      state,
      ...(op === 'LSTM' ? [state] : []),
      ...(peepholes === true ? [constant(directions, 3 * HIDDEN)] : []),
    ],
    attributes: { hidden_size: HIDDEN, ...attributes },
    outputs: Array.from({ length: op === 'LSTM' ? 3 : 2 }, () => true),
  };
}

const cells = (Object.keys(GATES) as Cell[]).flatMap((op) => {
  const count = FUNCTIONS[op];
  const pick = (...names: string[]): Attribute => strings(...names.slice(-count));
  return [
    ...['forward', 'reverse', 'bidirectional'].map((direction) =>
      recurrent(op, { of: `lengths, ${direction}`, sequences: lengths(2, 4), attributes: { direction } }),
    ),
    recurrent(op, {
      of: 'numbers of activations',
      attributes: {
        activations: pick('HardSigmoid', 'ScaledTanh', 'Elu'),
        activation_alpha: floatList([0.3, 0.8, 0.6]),
        activation_beta: floatList([0.4, 0.9]),
      },
    }),
    // onnxruntime takes them for these alone.
    ...(op === 'RNN'
      ? []
      : [
          recurrent(op, {
            of: 'names in lower case',
            attributes: { activations: pick('sigmoid', 'softsign', 'tanh') },
          }),
        ]),
    recurrent(op, {
      of: 'affine',
      attributes: {
        activations: pick('Sigmoid', 'Affine', 'Affine'),
        activation_alpha: floatList([0.5, 0.4]),
      },
    }),
    recurrent(op, { of: 'clip', attributes: { clip: float(0.5) } }),
  ];
});

const rows: readonly Row[] = [
  ...cells,
  recurrent('LSTM', { of: 'peepholes', peepholes: true, attributes: { direction: 'bidirectional' } }),
  recurrent('LSTM', { of: 'coupled gates', attributes: { input_forget: 1 } }),
  {
    op: 'CenterCropPad',
    opset: 18,
    inputs: [[1, 3, 6, 5], int64Tensor([3, 8])],
    attributes: { axes: [-2, 3] },
  },
  { op: 'CenterCropPad', opset: 18, inputs: [[3, 4], int64Tensor([6, 3])] },
  {
    op: 'Pad',
    of: 'wraps a cropped axis',
    opset: 19,
    inputs: [[2, 5], int64Tensor([0, -1, 0, 3])],
    attributes: { mode: 'wrap' },
  },
  {
    ...{ op: 'MaxUnpool', of: 'with a shape', opset: 11 },
    inputs: [[1, 1, 2, 2], int64Tensor([6, 8, 16, 24], [1, 1, 2, 2]), int64Tensor([1, 1, 5, 5])],
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
  },
];

describe('a rare form of an operator', () => {
  rows.forEach((each, i) => {
    test(`${each.op}: ${each.of ?? i}`, async () => {
      const model = modelOf(each);
      const lowered = await sameAsFile(model, { tolerance: 5e-6 });
      const verdict = await compareWithDifferences(lowered, feedsOf(model), new Random(1, i));
      assert.equal(verdict.is, 'right', JSON.stringify(verdict));
    });
  });
});

test('a border longer than what it repeats goes around again, where onnxruntime reads beyond the tensor', async () => {
  const each = { op: 'Pad', opset: 19, inputs: [[3], int64Tensor([4, 5])], attributes: { mode: 'wrap' } };
  const { model } = lower(modelOf(each));
  const x = { type: 'float32', dims: [3], data: Float32Array.of(1, 2, 3) } as const;
  const { y0 } = await run(model, { x0: x });
  assert.deepEqual(Array.from(y0?.data as Float32Array), [3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2]);
});

describe('weights of a few bits in blocks', () => {
  const nBits = (
    bits: number,
    [k, n, block]: [number, number, number],
    zeros: Operand,
    bias: Operand = null,
  ): Row => {
    const blocks = Math.ceil(k / block);
    return {
      ...{ op: 'MatMulNBits', domain: 'com.microsoft', opset: 17 },
      inputs: [
        [1, 2, k],
        bytes([n, blocks, (block * bits) / 8]),
        floats([n * blocks], ...some(n * blocks, 0.1)),
        zeros,
        ...(bias === null ? [] : [null, bias]),
      ],
      attributes: { K: k, N: n, bits, block_size: block },
    };
  };
  const all: readonly (readonly [string, Row])[] = [
    ['four bits', nBits(4, [32, 3, 16], null)],
    ['four bits, the last block in part, zero points', nBits(4, [40, 3, 16], bytes([3 * 2]))],
    ['eight bits', nBits(8, [16, 3, 16], null)],
    ['a bias', nBits(4, [16, 3, 16], null, floats([3], 1, 2, 3))],
  ];
  for (const [name, each] of all)
    test(name, async () => {
      const model = modelOf(each);
      assert.equal(precisionOf(model.graph), 'quantized');
      const lowered = await sameAsFile(model, { tolerance: 1e-5 });
      const verdict = await compareWithDifferences(lowered, feedsOf(model), new Random(1, 1));
      assert.equal(verdict.is, 'right', JSON.stringify(verdict));
    });
});
