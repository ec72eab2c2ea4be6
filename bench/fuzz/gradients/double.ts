/** The same model in float64, for differences that rounding does not hide. */
import type { Attribute, ConstantTensor, Model, Node } from '../../../server/src/onnx/model';
import { dataTypes } from '../../../server/src/onnx/model';
import { numbersOf } from '../../../server/src/onnx/typed-data';
import type { Tensor } from '../../../server/src/runtime/session';

/** Every float32 tensor and every attribute that asks for one; nodes that insist on float32 make the runtime refuse. */
export function toDouble(model: Model): Model {
  const { graph } = model;
  const values = <T extends { readonly type: string }>(list: readonly T[]): T[] =>
    list.map((value) => (value.type === 'float32' ? { ...value, type: 'float64' } : value));
  return {
    ...model,
    graph: {
      ...graph,
      inputs: values(graph.inputs),
      outputs: values(graph.outputs),
      initializers: new Map([...graph.initializers].map(([name, tensor]) => [name, constant(tensor)])),
      nodes: graph.nodes.map(node),
    },
  };
}

/** Attributes that name an element type. */
const TYPES = new Set(['to', 'dtype']);

function node(each: Node): Node {
  const attributes = new Map(
    [...each.attributes].map(([name, value]): [string, Attribute] => {
      if (value.kind === 'tensor') return [name, { kind: 'tensor', value: constant(value.value) }];
      if (value.kind === 'int' && TYPES.has(name) && value.value === dataTypes.float32)
        return [name, { kind: 'int', value: dataTypes.float64 }];
      return [name, value];
    }),
  );
  return { ...each, attributes };
}

function constant(tensor: ConstantTensor): ConstantTensor {
  if (tensor.type !== 'float32') return tensor;
  const data = Float64Array.from(numbersOf(tensor) ?? []);
  return { type: 'float64', dims: tensor.dims, data: new Uint8Array(data.buffer) };
}

export const feedsToDouble = (feeds: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, tensor]) => [
      name,
      tensor.type === 'float32'
        ? { type: 'float64', dims: tensor.dims, data: Float64Array.from(tensor.data) }
        : tensor,
    ]),
  );
