/** Shape rules against onnxruntime: every operator, over the attributes and input forms that change its output. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { float32Tensor } from '../../../server/src/onnx/builder';
import { LensError } from '../../../server/src/errors';
import type { ConstantTensor } from '../../../server/src/onnx/model';
import { inferShapes } from '../../../server/src/onnx/shapes';
import { shapeRules, tableOf } from '../../../server/src/onnx/shapes/registry';
import { standardRules } from '../../../server/src/autodiff/rules';
import { compareWithRuntime } from './support/runtime-shapes';
import type { Operand } from './support/shape-rows';
import { modelOf, title } from './support/shape-rows';
import { elementwise, structural } from './support/structural-rows';
import { valued } from './support/value-rows';

test('shapes, types and values equal those that onnxruntime computes', async (context) => {
  for (const row of [...elementwise, ...structural]) {
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
  const covered = new Set([...elementwise, ...structural, ...valued].map((row) => row.op));
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
