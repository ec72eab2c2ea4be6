/** Turns a TensorFlow Lite model (.tflite, float32 or float16 weights) into an ONNX model. */
import { GraphBuilder } from '../onnx/builder';
import type { Model } from '../onnx/model';
import { quoted } from './error';
import type { ConversionState } from './tflite/conversion';
import { Conversion, onnxDims } from './tflite/conversion';
import { tfliteError } from './tflite/flatbuffer';
import { conversions } from './tflite/operators';
import { parseTflite } from './tflite/schema';

/** No supported model is larger; the whole file is held in memory. */
export const MAX_TFLITE_BYTES = 64 * 1024 * 1024;

/**
 * Image tensors, and so the input, become NCHW: a model that takes [1, 192, 192, 3] takes [1, 3, 192, 192] here.
 * Tensors of other ranks keep their shape and order. Inputs and outputs keep their names.
 * @param file the name that errors give.
 * @throws CheckpointError for anything that is not such a model, however it was damaged.
 */
export function tfliteToOnnx(bytes: Uint8Array, file: string): Model {
  if (bytes.byteLength > MAX_TFLITE_BYTES) {
    throw tfliteError(file, `it has ${bytes.byteLength} bytes, more than ${MAX_TFLITE_BYTES}`);
  }
  const graph = parseTflite(bytes, file);
  const builder = new GraphBuilder('tflite');
  const state: ConversionState = {
    graph,
    builder,
    values: new Map(),
    constants: new Map(),
    copyBudget: 2 * bytes.byteLength,
  };

  const taken = new Set<string>();
  const publicName = (index: number): string => {
    const wanted = graph.tensors[index]?.name ?? '';
    const name = wanted === '' || wanted.startsWith('#') || taken.has(wanted) ? `tensor_${index}` : wanted;
    if (taken.has(name)) throw tfliteError(file, `two inputs or outputs are called ${quoted(name)}`);
    taken.add(name);
    return name;
  };

  for (const index of graph.inputs) {
    const tensor = graph.tensors[index];
    if (tensor?.type !== 'float32' || tensor.data !== null || state.values.has(index)) {
      throw tfliteError(file, `input tensor ${index} is not a float32 tensor of its own`);
    }
    const name = builder.input(publicName(index), 'float32', onnxDims(tensor.dims));
    state.values.set(index, { name, dims: tensor.dims });
  }
  graph.operators.forEach((operator, position) => {
    conversions[operator.op](new Conversion(state, operator, position));
  });
  if (graph.inputs.length === 0 || graph.outputs.length === 0)
    throw tfliteError(file, 'it has no inputs or outputs');
  for (const index of graph.outputs) {
    const value = state.values.get(index);
    if (value === undefined) throw tfliteError(file, `output tensor ${index} is never computed`);
    const name = builder.node('Identity', [value.name], {}, publicName(index));
    builder.output(name, 'float32', onnxDims(value.dims));
  }
  return builder.model({ source: 'TensorFlow Lite' });
}
