/** Binding input shapes, and what shape inference says when a model contradicts them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindInputShape } from '../../../server/src/onnx/bind';
import { decodeModel } from '../../../server/src/onnx/decode';
import { encodeModel } from '../../../server/src/onnx/write';
import { GraphBuilder, float32Tensor, int64Tensor } from '../../../server/src/onnx/builder';
import type { Attribute, ConstantTensor, Dimension, Model } from '../../../server/src/onnx/model';
import { inferShapes } from '../../../server/src/onnx/shapes';
import { modelError } from './support/errors';

function inputs(...shapes: (readonly Dimension[] | null)[]): Model {
  const g = new GraphBuilder('g');
  shapes.forEach((dims, i) => g.input(`x${i}`, 'float32', dims));
  g.output('x0', 'float32', ['batch', null]);
  return g.model();
}

test('symbols and unknown dimensions get numbers, also in outputs that share them', () => {
  const { graph } = bindInputShape(inputs(['batch', null, 3], null, [4]), { x0: [2, 5, 3], x1: [7] });
  assert.deepEqual(
    graph.inputs.map((input) => input.dims),
    [[2, 5, 3], [7], [4]],
  );
  assert.deepEqual(graph.outputs[0]?.dims, [2, null]);
});

test('what is not a name of a size is not a symbol: two of them may differ', () => {
  for (const dim of ['?', '-1', 'None', '*', 'unk'])
    assert.deepEqual(
      decodeModel(encodeModel(inputs([1, dim, dim]))).graph.inputs[0]?.dims,
      [1, null, null],
      dim,
    );
  assert.deepEqual(decodeModel(encodeModel(inputs(['N', 'unk__12']))).graph.inputs[0]?.dims, [
    'N',
    'unk__12',
  ]);
});

const refused: readonly (readonly [model: Model, dims: Record<string, number[]>, message: string])[] = [
  [inputs([2]), { y: [2] }, 'expected one of the inputs "x0", found "y".'],
  [inputs([2]), { x0: [3] }, 'Input "x0": expected the shape [2], found [3].'],
  [inputs(['n', 3]), { x0: [1, 3, 3] }, 'Input "x0": expected the shape [n, 3], found [1, 3, 3].'],
  [inputs(['n', null]), { x0: [1.5, 2] }, 'Input "x0": expected the shape [n, ?], found [1.5, 2].'],
  [inputs(['n'], ['n']), { x0: [1], x1: [2] }, 'Input "x1": expected 1 for "n", found 2.'],
  [inputs(['n']), {}, 'Input "x0": expected a shape of numbers, found [n].'],
  [inputs(null), {}, 'Input "x0": expected a shape of numbers, found of unknown rank.'],
];

test('shapes that do not fit are refused', () => {
  for (const [model, dims, message] of refused) {
    assert.throws(() => bindInputShape(model, dims), modelError(message));
  }
});

/** One node over inputs of the given shapes and constants. */
function one(
  op: string,
  operands: readonly (number[] | ConstantTensor)[],
  attributes = {},
  domain = '',
): Model {
  const g = new GraphBuilder('g');
  const names = operands.map((operand, i) =>
    Array.isArray(operand) ? g.input(`x${i}`, 'float32', operand) : g.initializer(`c${i}`, operand),
  );
  g.node(op, names, attributes, 'y');
  const model = g.model();
  return {
    ...model,
    graph: { ...model.graph, nodes: model.graph.nodes.map((node) => ({ ...node, domain })) },
  };
}

const contradictions: readonly (readonly [model: Model, problem: string])[] = [
  [one('Add', [[2, 3], [4]]), 'expected shapes that broadcast, found [2, 3] and [4].'],
  [
    one('Conv', [
      [1, 3, 8, 8],
      [4, 2, 3, 3],
    ]),
    'expected 2 input channels, found [1, 3, 8, 8].',
  ],
  [
    one('Conv', [
      [1, 2, 2, 8],
      [4, 2, 3, 3],
    ]),
    'expected an input of at least 3 elements per axis including padding, found 2.',
  ],
  [
    one('Conv', [
      [1, 2, 8],
      [4, 2, 3, 3],
    ]),
    'expected data (N, C, spatial...) and weights of the same rank, found [1, 2, 8] and [4, 2, 3, 3].',
  ],
  [
    one(
      'Conv',
      [
        [1, 2, 8, 8],
        [4, 2, 3, 3],
      ],
      { auto_pad: 'FULL' },
    ),
    'expected auto_pad to be NOTSET, VALID, SAME_UPPER or SAME_LOWER, found "FULL".',
  ],
  [
    one(
      'Conv',
      [
        [1, 2, 8, 8],
        [4, 2, 3, 3],
      ],
      { strides: 'x' },
    ),
    'expected attribute "strides" of kind ints, found string.',
  ],
  [one('MaxPool', [[1, 2, 8, 8]]), 'expected an attribute "kernel_shape", found none.'],
  [
    one('Gemm', [
      [2, 3],
      [4, 5],
    ]),
    'expected matching inner dimensions, found [2, 3] and [4, 5].',
  ],
  [
    one('MatMul', [
      [2, 3],
      [4, 5],
    ]),
    'expected matching inner dimensions, found [2, 3] and [4, 5].',
  ],
  [
    one('Reshape', [[2, 3], int64Tensor([4, -1])]),
    'expected a shape with the 6 elements of [2, 3], found [4, -1].',
  ],
  [
    one('Reshape', [[2, 3], int64Tensor([-1, -1])]),
    'expected a shape with the 6 elements of [2, 3], found [-1, -1].',
  ],
  [
    one('Reshape', [[6], int64Tensor([6, 0])]),
    'expected a dimension to copy for each 0 of the target shape, found [6] to [6, 0].',
  ],
  [one('Squeeze', [[2, 3], int64Tensor([0])]), 'expected size 1 along axis 0, found [2, 3].'],
  [one('Transpose', [[2, 3]], { perm: [0, 0] }), 'expected a permutation of 2 axes, found [0, 0].'],
  [
    one(
      'Concat',
      [
        [2, 3],
        [3, 3],
      ],
      { axis: 1 },
    ),
    'expected shapes that differ only along axis 1, found [2, 3], [3, 3].',
  ],
  [one('Split', [[5]], { num_outputs: 1, split: [2] }), 'expected parts that make up 5, found [2].'],
  [one('Flatten', [[2, 3]], { axis: 4 }), 'expected an axis of [2, 3], found 4.'],
  [one('Softmax', []), 'expected input 0, found none.'],
  [one('ReduceMean', [[2, 3]], { axes: [0, -2] }), 'expected distinct axes, found [0, -2].'],
  [
    one('Gather', [int64Tensor([1, 2]), int64Tensor([5])]),
    'expected an index of an axis of size 2, found 5.',
  ],
  [
    one('Slice', [[4], int64Tensor([0]), int64Tensor([2]), int64Tensor([1])]),
    'expected an axis of a tensor with 1 dimensions, found 1.',
  ],
  [
    one('Slice', [[4], int64Tensor([0]), int64Tensor([2]), int64Tensor([0]), int64Tensor([0])]),
    'expected a step other than 0, found 0.',
  ],
  [one('Pad', [[2], int64Tensor([-2, -1])]), 'expected pads that leave something of [2], found [-2, -1].'],
  [
    one('DepthToSpace', [[1, 3, 2, 2]], { blocksize: 2 }),
    'expected dimensions that a blocksize of 2 divides, found [1, 3, 2, 2].',
  ],
  [one('Resize', [[1, 1, 2, 2]]), 'expected scales or sizes, found neither.'],
  [one('Cast', [[2]], { to: 99 }), 'expected a type that can be computed with, found type 99.'],
  [one('Constant', []), 'expected an attribute that holds the value, found none.'],
  [
    one('ConstantOfShape', [int64Tensor([-1])]),
    'expected an output of whole, countable dimensions, found [-1].',
  ],
  [
    one('Expand', [[1], int64Tensor([2 ** 40, 2 ** 40])]),
    'expected an output of whole, countable dimensions, found [1099511627776, 1099511627776].',
  ],
  [one('BatchNormalization', [[1, 2, 3], [2], [2], [3], [2]]), 'expected input 3 of shape [2], found [3].'],
  [
    one('Add', [[2], [2]], { broadcast: 1 }),
    'expected broadcasting as defined since opset 7, found the older attribute "broadcast".',
  ],
];

test('a node that contradicts its inputs is named', () => {
  for (const [model, problem] of contradictions) {
    const { opType } = model.graph.nodes[0]!;
    const expected = modelError(`${opType} node "${opType}:y": ${problem}`);
    assert.throws(() => inferShapes(model), expected);
    assert.throws(() => inferShapes(model, {}, { unknown: 'leave out' }), expected);
  }
});

/** Of an operator on `x0`: a branch of If. */
function branch(opType: string): Attribute {
  const graph = new GraphBuilder(opType);
  const made = graph.node(opType, ['two by three'], {}, 'made');
  graph.output(made, 'float32', null);
  graph.initializer('two by three', float32Tensor([2, 3], new Float32Array(6)));
  return { kind: 'graph', value: graph.graph() };
}

const unknowable: readonly (readonly [model: Model, problem: string])[] = [
  [one('Gelu2', [[2]]), 'the operator Gelu2 is not known.'],
  [one('Gelu', [[2]], {}, 'com.microsoft'), 'the operator com.microsoft.Gelu is not known.'],
  [one('NonZero', [[2]]), 'its output shape cannot be known in advance: "x0" depends on the data.'],
  [one('Reshape', [[2], [1]]), 'its output shape cannot be known in advance: "x1" depends on the data.'],
  [
    one('If', [[1]], { then_branch: branch('Neg'), else_branch: branch('Transpose') }),
    'its output shape cannot be known in advance: its condition depends on the data, and its branches give different shapes.',
  ],
];

test('what cannot be known is refused, or left out with all that depends on it', () => {
  for (const [model, problem] of unknowable) {
    const { opType } = model.graph.nodes[0]!;
    assert.throws(() => inferShapes(model), modelError(`${opType} node "${opType}:y": ${problem}`));
    assert.equal(inferShapes(model, {}, { unknown: 'leave out' }).has('y'), false);
  }
  const g = new GraphBuilder('g');
  const x = g.input('x', 'float32', [2]);
  const found = g.node('NonZero', [x], {}, 'found');
  g.node('Neg', [g.node('Cast', [found], { to: 1 }, 'cast')], {}, 'neg');
  g.node('Abs', [x], {}, 'abs');
  assert.deepEqual([...inferShapes(g.model(), {}, { unknown: 'leave out' }).keys()], ['x', 'abs']);
});

test('small constants carry their value, large ones do not', () => {
  const g = new GraphBuilder('g');
  g.initializer('small', float32Tensor([2], [0.5, 2]));
  g.initializer('large', float32Tensor([1025], new Float32Array(1025)));
  const known = inferShapes(g.model());
  assert.deepEqual(known.get('small'), { type: 'float32', dims: [2], value: [0.5, 2] });
  assert.deepEqual(known.get('large'), { type: 'float32', dims: [1025] });
});
