/** Decodes the bytes of an ONNX file (ModelProto) to a model; unsupported parts are refused by name. */
import { checkGraph } from './check-graph';
import { readAttribute } from './decode-attribute';
import { decodeTensor, readEntry } from './decode-tensor';
import type { FunctionBody, FunctionNode } from './functions';
import { functionKey, inlineFunctions } from './functions';
import type { Attribute, ConstantTensor, Graph, Model, Node, ValueInfo } from './model';
import { readValueInfo } from './decode-value-info';
import { isOriginKey, originOf } from './node-origin';
import { withoutProto } from './own-names';
import { MessageReader, Source } from './protobuf-reader';
import { functionFields, graphFields, modelFields, nodeFields, opsetFields } from './schema';
import { refuseForeign } from './sniff';

/** Graphs inside graphs (bodies of If, Loop, Scan); real models stay below ten. */
const MAX_DEPTH = 32;

/**
 * Decodes a whole model file. Tensors are views of `bytes`; local functions are inlined; nodes are put in
 * topological order; documentation, stored shapes of inner tensors and training information are dropped.
 * @param name the file's path or another name for errors
 * @throws LensError 'model' with byte offset, what was expected and what was found.
 */
export function decodeModel(bytes: Uint8Array, name = 'model'): Model {
  refuseForeign(bytes, name);
  // A plain view: a Buffer's slice method, unlike that of other arrays, does not copy.
  const source = new Source(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), name);
  const reader = new MessageReader(source, 0, bytes.byteLength);
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  const functions = new Map<string, FunctionBody>();
  let graph: Graph | undefined;
  let irVersion = 0;
  let producer = '';
  while (reader.next()) {
    switch (reader.field) {
      case modelFields.irVersion:
        irVersion = reader.int64();
        break;
      case modelFields.producerName:
        producer = reader.string();
        break;
      case modelFields.opsetImport:
        readOpset(reader.message(), opsets);
        break;
      case modelFields.metadata:
        metadata.set(...readEntry(reader.message()));
        break;
      case modelFields.functions: {
        const body = readFunction(reader.message());
        functions.set(functionKey(body), body);
        break;
      }
      case modelFields.graph:
        if (graph !== undefined) source.fail(reader.fieldStart, 'one graph', 'a second one');
        graph = readGraph(reader.message(), 0);
        break;
    }
  }
  if (graph === undefined) return source.fail(bytes.byteLength, 'a graph', 'none');
  if (opsets.size === 0) source.fail(bytes.byteLength, 'the operator set version (opset_import)', 'none');
  const model: Model = { irVersion, producer, opsets, metadata, graph };
  return withoutProto(checkGraph(inlineFunctions(model, functions, name), name));
}

function readOpset(reader: MessageReader, opsets: Map<string, number>): void {
  let domain = '';
  let version = 0;
  while (reader.next()) {
    if (reader.field === opsetFields.domain) domain = reader.string();
    if (reader.field === opsetFields.version) version = reader.int64();
  }
  // "ai.onnx" is the long name of the standard domain.
  opsets.set(domain === 'ai.onnx' ? '' : domain, version);
}

function readGraph(reader: MessageReader, depth: number): Graph {
  if (depth > MAX_DEPTH)
    reader.source.fail(reader.start, `graphs nested at most ${MAX_DEPTH} deep`, 'a deeper one');
  const nodes: Node[] = [];
  const inputs: ValueInfo[] = [];
  const outputs: ValueInfo[] = [];
  const initializers = new Map<string, ConstantTensor>();
  let name = '';
  while (reader.next()) {
    switch (reader.field) {
      case graphFields.node:
        nodes.push(readNode(reader.message(), depth));
        break;
      case graphFields.name:
        name = reader.string();
        break;
      case graphFields.initializer: {
        const at = reader.fieldStart;
        const named = decodeTensor(reader.message(), 'an initializer');
        if (named.name === '') reader.source.fail(at, 'an initializer with a name', 'none');
        if (initializers.has(named.name))
          reader.source.fail(at, `one initializer "${named.name}"`, 'a second one');
        initializers.set(named.name, named.tensor);
        break;
      }
      case graphFields.sparseInitializer:
        reader.source.fail(
          reader.fieldStart,
          'dense initializers',
          'a sparse one',
          'Export the model with dense weights.',
        );
        break;
      case graphFields.input:
        inputs.push(readValueInfo(reader.message(), 'input'));
        break;
      case graphFields.output:
        outputs.push(readValueInfo(reader.message(), 'output'));
        break;
    }
  }
  // Up to IR 3 every initializer is listed as an input too.
  return {
    name,
    nodes,
    initializers,
    outputs,
    inputs: inputs.filter((input) => !initializers.has(input.name)),
  };
}

function readNode(reader: MessageReader, depth: number): FunctionNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  const references = new Map<string, string>();
  const metadata = new Map<string, string>();
  let name = '';
  let opType = '';
  let domain = '';
  let overload = '';
  while (reader.next()) {
    switch (reader.field) {
      case nodeFields.input:
        inputs.push(reader.string());
        break;
      case nodeFields.output:
        outputs.push(reader.string());
        break;
      case nodeFields.name:
        name = reader.string();
        break;
      case nodeFields.opType:
        opType = reader.string();
        break;
      case nodeFields.domain:
        domain = reader.string();
        break;
      case nodeFields.metadata: {
        const [key, value] = readEntry(reader.message());
        if (isOriginKey(key)) metadata.set(key, value);
        break;
      }
      case nodeFields.overload:
        overload = reader.string();
        break;
      case nodeFields.attribute: {
        const attribute = readAttribute(reader.message(), (body) => readGraph(body, depth + 1));
        if ('value' in attribute) attributes.set(attribute.name, attribute.value);
        else references.set(attribute.name, attribute.reference);
        break;
      }
    }
  }
  if (opType === '') reader.source.fail(reader.start, 'a node with an operator', 'none');
  if (domain === 'ai.onnx') domain = '';
  const origin = metadata.size === 0 ? undefined : originOf(metadata);
  const node = { opType, domain, name, inputs, outputs, attributes, overload, references };
  return origin === undefined ? node : { ...node, origin };
}

function readFunction(reader: MessageReader): FunctionBody {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const nodes: FunctionNode[] = [];
  const opsets = new Map<string, number>();
  const defaults = new Map<string, Attribute>();
  let name = '';
  let domain = '';
  let overload = '';
  while (reader.next()) {
    switch (reader.field) {
      case functionFields.name:
        name = reader.string();
        break;
      case functionFields.domain:
        domain = reader.string();
        break;
      case functionFields.overload:
        overload = reader.string();
        break;
      case functionFields.input:
        inputs.push(reader.string());
        break;
      case functionFields.output:
        outputs.push(reader.string());
        break;
      case functionFields.node:
        nodes.push(readNode(reader.message(), 0));
        break;
      case functionFields.opsetImport:
        readOpset(reader.message(), opsets);
        break;
      case functionFields.attributeProto: {
        const attribute = readAttribute(reader.message(), (body) => readGraph(body, 1));
        if ('value' in attribute) defaults.set(attribute.name, attribute.value);
        break;
      }
    }
  }
  return { name, domain, overload, inputs, outputs, nodes, opsets, defaults };
}
