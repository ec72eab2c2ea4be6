/** Compares inferred shapes, types and values of every tensor of a model with what onnxruntime computes. */
import assert from 'node:assert/strict';
import type { InputDims } from '../../../../server/src/onnx/bind';
import { bindInputShape } from '../../../../server/src/onnx/bind';
import type { DataType, Graph, Model } from '../../../../server/src/onnx/model';
import { elementCount } from '../../../../server/src/onnx/model';
import { inferShapes } from '../../../../server/src/onnx/shapes';
import { encodeModel } from '../../../../server/src/onnx/write';
import { createSession } from '../../../../server/src/runtime/onnxruntime';
import type { Tensor } from '../../../../server/src/runtime/session';

/** Types that a session can be fed with and gives back. */
const observable: readonly DataType[] = ['float32', 'int64', 'int32', 'bool', 'uint8'];

/** Small distinct numbers of the input's type. */
export function feedOf(type: DataType, dims: readonly number[]): Tensor {
  const count = elementCount(dims);
  const at = (i: number): number => ((i * 7 + 3) % 11) / 4 - 1;
  switch (type) {
    case 'float32':
      return { type, dims, data: Float32Array.from({ length: count }, (_, i) => at(i)) };
    case 'int64':
      return { type, dims, data: BigInt64Array.from({ length: count }, (_, i) => BigInt(i % 2)) };
    case 'int32':
      return { type, dims, data: Int32Array.from({ length: count }, (_, i) => i % 2) };
    case 'bool':
      return { type, dims, data: Uint8Array.from({ length: count }, (_, i) => i % 2) };
    default:
      throw new Error(`No feed for inputs of type ${type}.`);
  }
}

/** Every observable tensor as a graph output. */
function exposed(graph: Graph, types: ReadonlyMap<string, { type: DataType }>): Graph {
  const names = new Set([
    ...graph.nodes.flatMap((node) => node.outputs),
    ...graph.outputs.map((o) => o.name),
  ]);
  const outputs = [...names].flatMap((name) => {
    const type = types.get(name)?.type;
    return name !== '' && type !== undefined && observable.includes(type) ? [{ name, type, dims: null }] : [];
  });
  return { ...graph, outputs };
}

/** Returns how many tensors were compared and how many of them had a known value. */
export async function compareWithRuntime(
  model: Model,
  dims: InputDims = {},
): Promise<{ tensors: number; values: number }> {
  const bound = bindInputShape(model, dims);
  const inferred = inferShapes(model, dims);
  const feeds = Object.fromEntries(
    bound.graph.inputs.map(({ name, type, dims: size }) => [name, feedOf(type, size as number[])]),
  );
  const observed = { ...bound, graph: exposed(bound.graph, inferred) };
  const session = await createSession(encodeModel(observed), { provider: 'cpu', optimization: 'disabled' });
  let values = 0;
  try {
    const results = await session.run(feeds);
    for (const { name } of observed.graph.outputs) {
      const actual = results[name];
      const info = inferred.get(name);
      assert.ok(actual && info, name);
      assert.deepEqual([info.type, ...info.dims], [actual.type, ...actual.dims], `shape of "${name}"`);
      if (info.value === undefined) continue;
      values += 1;
      assert.deepEqual(info.value, Array.from(actual.data, Number), `value of "${name}"`);
    }
  } finally {
    await session.dispose();
  }
  return { tensors: observed.graph.outputs.length, values };
}
