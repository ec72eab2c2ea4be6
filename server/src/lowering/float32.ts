/** Converts a model of 16-bit floats to float32: the same weights, each step rounded to 24 bits instead of 11 or 8. */
import type { Attribute, ConstantTensor, DataType, Graph, Model, Node } from '../onnx/model';
import { computedTensor } from '../onnx/computed';
import { bfloat16ToFloat, halfToFloat } from '../onnx/half';
import { dataTypes } from '../onnx/model';
import { typedTensor } from '../onnx/typed-data';

const SHORT: ReadonlySet<DataType> = new Set(['float16', 'bfloat16']);
const SHORT_NUMBERS: ReadonlySet<number> = new Set([dataTypes.float16, dataTypes.bfloat16]);

/** Attributes that name an element type. */
const TYPES: ReadonlySet<string> = new Set([
  'to',
  'dtype',
  'output_dtype',
  'stash_type',
  'softmax_precision',
]);

/** Whether any weight or conversion of the graph is of 16-bit floats. */
export function hasShortFloats(graph: Graph): boolean {
  const weights = [...graph.initializers.values()].some(({ type }) => SHORT.has(type));
  return (
    weights || graph.nodes.some((node) => [...node.attributes].some(([name, value]) => isShort(name, value)))
  );
}

function isShort(name: string, attribute: Attribute): boolean {
  if (attribute.kind === 'tensor') return SHORT.has(attribute.value.type);
  if (attribute.kind === 'graph') return hasShortFloats(attribute.value);
  return attribute.kind === 'int' && TYPES.has(name) && SHORT_NUMBERS.has(attribute.value);
}

export const toFloat32 = (model: Model): Model => ({ ...model, graph: graphInFloat32(model.graph) });

function graphInFloat32(graph: Graph): Graph {
  const longer = <T extends { readonly type: DataType }>(info: T): T =>
    SHORT.has(info.type) ? { ...info, type: 'float32' } : info;
  return {
    ...graph,
    inputs: graph.inputs.map(longer),
    outputs: graph.outputs.map(longer),
    initializers: new Map([...graph.initializers].map(([name, tensor]) => [name, constantInFloat32(tensor)])),
    nodes: graph.nodes.map(nodeInFloat32),
  };
}

function nodeInFloat32(node: Node): Node {
  const attributes = new Map(
    [...node.attributes].map(([name, value]): [string, Attribute] => {
      if (!isShort(name, value)) return [name, value];
      if (value.kind === 'tensor') return [name, { kind: 'tensor', value: constantInFloat32(value.value) }];
      if (value.kind === 'graph') return [name, { kind: 'graph', value: graphInFloat32(value.value) }];
      return [name, { kind: 'int', value: dataTypes.float32 }];
    }),
  );
  return { ...node, attributes };
}

function constantInFloat32(tensor: ConstantTensor): ConstantTensor {
  const { type, dims } = tensor;
  if (type !== 'float16' && type !== 'bfloat16') return tensor;
  const toFloat = type === 'float16' ? halfToFloat : bfloat16ToFloat;
  return computedTensor(tensor, dims, (bytes) => {
    const bits = typedTensor(type, dims, bytes).data as Uint16Array;
    const values = new Float32Array(bits.length);
    for (let i = 0; i < bits.length; i++) values[i] = toFloat(bits[i] as number);
    return values;
  });
}
