/** Compares a lowered model with the file's own, both run by onnxruntime: every output, and every shape that is inferred. */
import assert from 'node:assert/strict';
import { float32Tensor, GraphBuilder, type AttributeInput } from '../../../../server/src/onnx/builder';
import type { ConstantTensor, Model } from '../../../../server/src/onnx/model';
import { elementCount } from '../../../../server/src/onnx/model';
import { inferShapes } from '../../../../server/src/onnx/shapes';
import { encodeModel } from '../../../../server/src/onnx/write';
import { lower } from '../../../../server/src/lowering/lower';
import { createSession } from '../../../../server/src/runtime/onnxruntime';
import type { Tensor } from '../../../../server/src/runtime/session';
import { generator, seedOf } from '../../autodiff/random';

/** Shape of a float32 input of the graph, a constant, or null where the operator leaves the input out. */
export type Operand = readonly number[] | ConstantTensor | null;

export interface Row {
  readonly op: string;
  readonly domain?: string;
  readonly opset: number;
  readonly inputs: readonly Operand[];
  readonly attributes?: Readonly<Record<string, AttributeInput>>;
  /** Which outputs the node names; the first alone where it is left out. */
  readonly outputs?: readonly boolean[];
  /** Said of the row in its test's name. */
  readonly of?: string;
}

const isShape = (operand: Operand): operand is readonly number[] => Array.isArray(operand);

/** One node, its inputs and its outputs. */
export function modelOf(row: Row): Model {
  const { op, domain = '', opset, inputs, attributes = {}, outputs = [true] } = row;
  const builder = new GraphBuilder('row');
  const names = inputs.map((operand, i) =>
    operand === null
      ? ''
      : isShape(operand)
        ? builder.input(`x${i}`, 'float32', operand)
        : builder.initializer(`c${i}`, operand),
  );
  const made = outputs.map((wanted, i) => (wanted ? `y${i}` : ''));
  builder.nodeWithOutputs(op, names, attributes, made, domain);
  const model = builder.model({}, opset);
  const known = inferShapes(lower(model).model, {}, { unknown: 'leave out' });
  for (const name of made) if (name !== '') builder.output(name, known.get(name)?.type ?? 'float32', null);
  return domain === '' ? model : { ...model, opsets: new Map([...model.opsets, [domain, 1]]) };
}

export function feedsOf(model: Model): Record<string, Tensor> {
  const random = generator(seedOf(model.graph.nodes[0]?.opType ?? ''));
  return Object.fromEntries(
    model.graph.inputs.map(({ name, type, dims }) => {
      assert.equal(type, 'float32');
      const size = dims as readonly number[];
      const data = Float32Array.from({ length: elementCount(size) }, () => 4 * random() - 2);
      return [name, { type: 'float32', dims: size, data }];
    }),
  );
}

export async function run(model: Model, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await createSession(encodeModel(model), { provider: 'cpu', optimization: 'disabled' });
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

/** @returns the lowered model, whose outputs agree with the file's to `tolerance` of the largest value */
export async function sameAsFile(
  model: Model,
  { tolerance = 1e-6, feeds = feedsOf(model) }: { tolerance?: number; feeds?: Record<string, Tensor> } = {},
): Promise<Model> {
  const { model: lowered, refusals } = lower(model);
  assert.deepEqual([...refusals.values()].map(String), []);
  const expected = await run(model, feeds);
  const found = await run(lowered, feeds);
  const shapes = inferShapes(lowered);
  for (const [name, tensor] of Object.entries(expected)) {
    const ours = found[name];
    assert.ok(ours, name);
    assert.deepEqual([ours.type, ...ours.dims], [tensor.type, ...tensor.dims], name);
    assert.deepEqual(shapes.get(name)?.dims, tensor.dims, `the inferred shape of ${name}`);
    const values = Array.from(tensor.data as ArrayLike<number | bigint>, Number);
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    values.forEach((value, i) => {
      const other = Number(ours.data[i]);
      const near = Object.is(other, value) || Math.abs(other - value) <= tolerance * scale;
      assert.ok(near, `${name}[${i}] is ${other}, the file gives ${value}`);
    });
  }
  return lowered;
}

export const floats = (dims: readonly number[], ...values: readonly number[]): ConstantTensor =>
  float32Tensor(dims, values);
