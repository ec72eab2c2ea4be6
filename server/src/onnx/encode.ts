/** Turns a model into the bytes of an ONNX file (ModelProto). */
import { LensError } from '../errors';
import type { Attribute, ConstantTensor, Graph, Model, Node, ValueInfo } from './model';
import { dataTypes, isExternal } from './model';
import { MessageWriter, totalBytes } from './protobuf-writer';
import {
  EXTERNAL,
  MAX_MESSAGE_BYTES,
  attributeFields,
  attributeTypes,
  dimensionFields,
  entryFields,
  graphFields,
  modelFields,
  nodeFields,
  opsetFields,
  shapeFields,
  tensorFields,
  tensorTypeFields,
  typeFields,
  valueInfoFields,
} from './schema';
import { stringElements } from './strings';

/**
 * The model as one ONNX file. External tensors stay references, to be resolved below the folder the model is loaded from.
 * @throws LensError 'model' when the file would reach protobuf's limit of 2 GiB.
 */
export function encodeModel(model: Model): Uint8Array {
  const pieces = encodePieces(model);
  const whole = new Uint8Array(totalBytes(pieces));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

/** The same bytes as consecutive pieces; large ones are views of the model's own tensors. */
export function encodePieces(model: Model): readonly Uint8Array[] {
  const writer = new MessageWriter();
  writer.int64(modelFields.irVersion, model.irVersion);
  writer.string(modelFields.producerName, model.producer);
  for (const [domain, version] of model.opsets) {
    writer.message(modelFields.opsetImport, (opset) => {
      opset.string(opsetFields.domain, domain);
      opset.int64(opsetFields.version, version);
    });
  }
  for (const [key, value] of model.metadata) writeEntry(writer, modelFields.metadata, key, value);
  writer.message(modelFields.graph, (graph) => writeGraph(graph, model.graph));
  const pieces = writer.pieces();
  const bytes = totalBytes(pieces);
  if (bytes > MAX_MESSAGE_BYTES) {
    throw new LensError(
      'model',
      `The graph "${model.graph.name}" takes ${bytes} bytes as one ONNX file; the format allows at most ${MAX_MESSAGE_BYTES}.`,
      { fix: 'Write it with its large tensors in an external data file.' },
    );
  }
  return pieces;
}

function writeGraph(writer: MessageWriter, graph: Graph): void {
  for (const node of graph.nodes) writer.message(graphFields.node, (message) => writeNode(message, node));
  writer.string(graphFields.name, graph.name);
  for (const [name, tensor] of graph.initializers) {
    writer.message(graphFields.initializer, (message) => writeTensor(message, name, tensor));
  }
  for (const info of graph.inputs) writeValueInfo(writer, graphFields.input, info);
  for (const info of graph.outputs) writeValueInfo(writer, graphFields.output, info);
}

function writeNode(writer: MessageWriter, node: Node): void {
  for (const input of node.inputs) writer.string(nodeFields.input, input);
  for (const output of node.outputs) writer.string(nodeFields.output, output);
  writer.string(nodeFields.name, node.name);
  writer.string(nodeFields.opType, node.opType);
  if (node.domain !== '') writer.string(nodeFields.domain, node.domain);
  for (const [name, attribute] of node.attributes) {
    writer.message(nodeFields.attribute, (message) => writeAttribute(message, name, attribute));
  }
}

function writeAttribute(writer: MessageWriter, name: string, attribute: Attribute): void {
  writer.string(attributeFields.name, name);
  writer.int64(attributeFields.type, attributeTypes[attribute.kind]);
  switch (attribute.kind) {
    case 'int':
      writer.int64(attributeFields.int, attribute.value);
      break;
    case 'float':
      writer.float(attributeFields.float, attribute.value);
      break;
    case 'string':
      writer.string(attributeFields.string, attribute.value);
      break;
    case 'tensor':
      writer.message(attributeFields.tensor, (message) => writeTensor(message, '', attribute.value));
      break;
    case 'graph':
      writer.message(attributeFields.graph, (message) => writeGraph(message, attribute.value));
      break;
    case 'ints':
      writer.packedInt64(attributeFields.ints, attribute.value);
      break;
    case 'floats':
      writer.packedFloat(attributeFields.floats, attribute.value);
      break;
    case 'strings':
      for (const value of attribute.value) writer.string(attributeFields.strings, value);
      break;
  }
}

function writeTensor(writer: MessageWriter, name: string, tensor: ConstantTensor): void {
  writer.packedInt64(tensorFields.dims, tensor.dims);
  writer.int64(tensorFields.dataType, dataTypes[tensor.type]);
  if (name !== '') writer.string(tensorFields.name, name);
  const { data } = tensor;
  if (isExternal(data)) {
    if (data.as !== undefined)
      throw new Error(`"${name}" is computed from what is stored; it has to be read first.`);
    writeEntry(writer, tensorFields.externalData, 'location', data.location);
    writeEntry(writer, tensorFields.externalData, 'offset', String(data.offset));
    writeEntry(writer, tensorFields.externalData, 'length', String(data.length));
    writer.int64(tensorFields.dataLocation, EXTERNAL);
  } else if (tensor.type === 'string') {
    for (const element of stringElements(data)) writer.bytes(tensorFields.stringData, element);
  } else {
    writer.bytes(tensorFields.rawData, data);
  }
}

function writeValueInfo(writer: MessageWriter, field: number, info: ValueInfo): void {
  writer.message(field, (message) => {
    message.string(valueInfoFields.name, info.name);
    message.message(valueInfoFields.type, (type) => {
      type.message(typeFields.tensor, (tensor) => {
        tensor.int64(tensorTypeFields.elementType, dataTypes[info.type]);
        const { dims } = info;
        if (dims === null) return;
        tensor.message(tensorTypeFields.shape, (shape) => {
          for (const dim of dims) {
            shape.message(shapeFields.dim, (dimension) => {
              if (typeof dim === 'number') dimension.int64(dimensionFields.value, dim);
              if (typeof dim === 'string') dimension.string(dimensionFields.param, dim);
            });
          }
        });
      });
    });
  });
}

function writeEntry(writer: MessageWriter, field: number, key: string, value: string): void {
  writer.message(field, (entry) => {
    entry.string(entryFields.key, key);
    entry.string(entryFields.value, value);
  });
}
