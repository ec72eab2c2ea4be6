/** Operators of operator sets 7 to 16, brought to 17: the same numbers as onnxruntime gives for the file as it is. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LensError } from '../../../server/src/errors';
import { float, floats as floatList, GraphBuilder, int64Tensor } from '../../../server/src/onnx/builder';
import { lower } from '../../../server/src/lowering/lower';
import { floats, modelOf, sameAsFile, type Row } from './support/same-as-file';

const IMAGE = [2, 3, 4, 6];
const row = (
  op: string,
  opset: number,
  inputs: Row['inputs'],
  attributes: Row['attributes'] = {},
  outputs?: Row['outputs'],
): Row => ({ op, opset, inputs, attributes, ...(outputs === undefined ? {} : { outputs }) });

const softmaxes = ['Softmax', 'LogSoftmax', 'Hardmax'].flatMap((op) => [
  row(op, 7, [IMAGE]),
  row(op, 11, [IMAGE], { axis: -1 }),
  row(op, 12, [IMAGE], { axis: 2 }),
  row(op, 9, [[2, 5, 1, 1]], { axis: 1 }),
  row(op, 11, [IMAGE], { axis: 0 }),
]);

const statistics = [1, 1, 1].flatMap(() => [floats([3], 0.5, -1, 2)]);
const variance = floats([3], 0.5, 1, 2);
const each = (value: number) => floats([3, 2, 2], ...Array.from({ length: 12 }, (_, i) => value + i / 8));

const rows: readonly Row[] = [
  ...softmaxes,
  row('Clip', 7, [IMAGE], { min: float(-0.5), max: float(1) }),
  row('Clip', 9, [IMAGE], { max: float(0.25) }),
  row('Clip', 10, [IMAGE]),
  row('Upsample', 7, [IMAGE], { scales: floatList([1, 1, 2, 3]) }),
  row('Upsample', 7, [IMAGE], { scales: floatList([1, 1, 2.5, 1.3]), mode: 'nearest' }),
  row('Upsample', 9, [IMAGE, floats([4], 1, 1, 2, 3)], { mode: 'linear' }),
  row('Upsample', 9, [IMAGE, floats([4], 1, 1, 1.6, 2.4)], { mode: 'linear' }),
  row('Upsample', 9, [IMAGE, floats([4], 1, 2, 2, 2)]),
  row('Upsample', 9, [IMAGE, floats([4], 1, 1, 1, 1)]),
  row('Resize', 10, [IMAGE, floats([4], 1, 1, 0.5, 0.4)]),
  row('Resize', 10, [IMAGE, floats([4], 1, 1, 0.7, 1.7)]),
  row('Resize', 10, [IMAGE, floats([4], 1, 1, 0.6, 0.4)], { mode: 'linear' }),
  row('Dropout', 7, [IMAGE], { ratio: float(0.3) }),
  row('Dropout', 10, [IMAGE], {}, [true, true]),
  row('Pad', 7, [IMAGE], { pads: [0, 1, 2, 0, 0, 0, 1, 3], value: float(1.5) }),
  row('Pad', 9, [IMAGE], { pads: [0, 0, 2, 1, 0, 0, 1, 3], mode: 'reflect' }),
  row('Pad', 9, [IMAGE], { pads: [0, 0, 2, 1, 0, 0, 1, 3], mode: 'edge' }),
  row('Slice', 9, [IMAGE], { starts: [1, -3], ends: [1000, -1], axes: [1, 3] }),
  row('Slice', 7, [IMAGE], { starts: [0, 1], ends: [2, 3] }),
  row('Squeeze', 11, [[1, 3, 1, 2]], { axes: [0, 2] }),
  row('Squeeze', 7, [[1, 3, 1, 2]]),
  row('Unsqueeze', 9, [[3, 2]], { axes: [0, 3] }),
  row('Split', 9, [IMAGE], { axis: 3, split: [1, 3, 2] }, [true, true, true]),
  row('Split', 11, [IMAGE], { axis: 2 }, [true, true]),
  row('ReduceSum', 11, [IMAGE], { axes: [1, -1], keepdims: 0 }),
  row('ReduceSum', 9, [IMAGE]),
  row('TopK', 9, [IMAGE], { k: 2, axis: 1 }, [true, true]),
  row('TopK', 7, [IMAGE], { k: 4 }, [true, true]),
  row('BatchNormalization', 7, [IMAGE, ...statistics, variance], { epsilon: float(1e-3) }),
  row('BatchNormalization', 9, [IMAGE, ...statistics, variance]),
  row('BatchNormalization', 7, [[2, 3, 2, 2], ...[1, 0, -1, 2].map(each)], { spatial: 0 }),
  row('Scatter', 9, [[3, 3], int64Tensor([1, 0, 2, 0, 2, 1], [2, 3]), [2, 3]]),
];

describe('an operator of an older set gives the same as the file', () => {
  rows.forEach((each, i) => {
    test(`${each.op} ${each.opset}, ${i}`, async () => {
      const lowered = await sameAsFile(modelOf(each));
      assert.equal(lowered.opsets.get(''), 17);
    });
  });
});

test('what a newer set knows stays as it is, name by name', () => {
  const builder = new GraphBuilder('newer');
  const x = builder.input('x', 'float32', [1, 4]);
  builder.output(builder.node('Softmax', [x], { axis: -1 }, 'y'), 'float32', null);
  const model = builder.model({}, 18);
  const { model: lowered } = lower(model);
  assert.deepEqual(lowered.graph.nodes, model.graph.nodes);
  assert.equal(lowered.opsets.get(''), 18);
});

test('operator sets before 7 are refused', () => {
  const model = { ...modelOf(row('Relu', 7, [[1]])), opsets: new Map([['', 6]]) };
  const refused = (thrown: unknown) =>
    thrown instanceof LensError && /7 or newer, found 6/.test(thrown.message);
  assert.throws(() => lower(model), refused);
});

test('a node that cannot be lowered is named, and stays', () => {
  const statistics = [1, 1, 1, 1].map(() => floats([3], 1, 1, 1));
  const outputs = [true, true, true, true, true];
  const { model, refusals } = lower(
    modelOf(row('BatchNormalization', 9, [IMAGE, ...statistics], {}, outputs)),
  );
  assert.match(refusals.get('y1')?.message ?? '', /BatchNormalization.*training form/);
  assert.equal(model.graph.nodes.length, 1);
});

test('a branch that is decided is lowered as its graph is', async () => {
  const builder = new GraphBuilder('branches');
  const x = builder.input('x', 'float32', [2, 3]);
  const condition = builder.initializer('yes', { type: 'bool', dims: [], data: new Uint8Array([1]) });
  const branch = (max: number) => {
    const inner = new GraphBuilder('branch');
    inner.node('Clip', [x], { max: float(max) }, 'clipped');
    inner.output('clipped', 'float32', null);
    return { kind: 'graph', value: inner.graph() } as const;
  };
  builder.node('If', [condition], { then_branch: branch(0.5), else_branch: branch(1) }, 'y');
  builder.output('y', 'float32', null);
  const lowered = await sameAsFile(builder.model({}, 9));
  assert.deepEqual(
    lowered.graph.nodes.map(({ opType }) => opType),
    ['Clip', 'Identity'],
  );
});
