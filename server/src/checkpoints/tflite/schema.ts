/** The parts of TensorFlow Lite's schema (schema.fbs, version 3) that say what is computed. */
import { quoted } from '../error';
import type { Table } from './flatbuffer';
import { FlatBuffer } from './flatbuffer';

export type TfliteType = 'float32' | 'float16' | 'int32' | 'int64';

/** `TensorType` in the file. Quantized types are refused. */
const tensorTypes: ReadonlyMap<number, TfliteType> = new Map([
  [0, 'float32'],
  [1, 'float16'],
  [2, 'int32'],
  [4, 'int64'],
]);

const bytesEach: Readonly<Record<TfliteType, number>> = { float32: 4, float16: 2, int32: 4, int64: 8 };

/** `BuiltinOperator` in the file. */
const operatorNames: ReadonlyMap<number, TfliteOpName> = new Map([
  [0, 'ADD'],
  [2, 'CONCATENATION'],
  [3, 'CONV_2D'],
  [4, 'DEPTHWISE_CONV_2D'],
  [6, 'DEQUANTIZE'],
  [17, 'MAX_POOL_2D'],
  [19, 'RELU'],
  [22, 'RESHAPE'],
  [23, 'RESIZE_BILINEAR'],
  [34, 'PAD'],
]);

export type TfliteOpName =
  | 'ADD'
  | 'CONCATENATION'
  | 'CONV_2D'
  | 'DEPTHWISE_CONV_2D'
  | 'DEQUANTIZE'
  | 'MAX_POOL_2D'
  | 'RELU'
  | 'RESHAPE'
  | 'RESIZE_BILINEAR'
  | 'PAD';

export interface TfliteTensor {
  readonly name: string;
  readonly type: TfliteType;
  /** As stored: images are NHWC, convolution weights OHWI, depthwise weights 1HWC. */
  readonly dims: readonly number[];
  /** Little-endian bytes of a constant, a view into the file; null for a computed tensor. */
  readonly data: Uint8Array | null;
}

export interface TfliteOperator {
  readonly op: TfliteOpName;
  /** Indices into `tensors`; -1 is an omitted input. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** The operator's own options table. */
  readonly options: Table | null;
}

export interface TfliteGraph {
  readonly file: string;
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

const MAX_DIMENSIONS = 8;
const MAX_OPERANDS = 256;
const MAX_TENSOR_ELEMENTS = 2 ** 28;

/** Parses the only subgraph of a model. @throws LensError 'model' naming what is wrong, or not supported. */
export function parseTflite(bytes: Uint8Array, file: string): TfliteGraph {
  const buffer = new FlatBuffer(bytes, file);
  const model = buffer.root('TFL3');
  const version = model.uint32(0, 0);
  if (version !== 3) throw buffer.error(`schema version 3 expected, found ${version}`);
  const subgraphs = model.tables(2);
  const [subgraph] = subgraphs;
  if (subgraph === undefined || subgraphs.length !== 1) {
    throw buffer.error(`exactly one subgraph expected, found ${subgraphs.length}`);
  }
  const buffers = model.tables(4).map((table) => table.bytes(0));
  const tensors = subgraph.tables(0).map((table) => parseTensor(buffer, table, buffers));
  const opcodes = model.tables(1);
  const operators = subgraph.tables(3).map((table) => {
    const index = table.uint32(0, 0);
    const opcode = opcodes[index];
    if (opcode === undefined)
      throw buffer.error(`operator code ${index} of ${opcodes.length} does not exist`);
    return {
      op: operatorName(buffer, opcode),
      inputs: table.int32s(1, MAX_OPERANDS),
      outputs: table.int32s(2, MAX_OPERANDS),
      options: table.table(4),
    };
  });
  return {
    file,
    tensors,
    operators,
    inputs: subgraph.int32s(1, MAX_OPERANDS),
    outputs: subgraph.int32s(2, MAX_OPERANDS),
  };
}

/** Files older than 2020 store the code in a byte only; newer ones in an int as well, and the larger one counts. */
function operatorName(buffer: FlatBuffer, opcode: Table): TfliteOpName {
  const code = Math.max(opcode.byte(0, 0), opcode.int32(3, 0));
  const name = operatorNames.get(code);
  if (name !== undefined) return name;
  const custom = opcode.string(1);
  throw buffer.error(
    `operator ${custom === '' ? `number ${code}` : quoted(custom)} is not supported (supported: ${[...operatorNames.values()].join(', ')})`,
  );
}

function parseTensor(buffer: FlatBuffer, table: Table, buffers: readonly Uint8Array[]): TfliteTensor {
  const name = table.string(3);
  const code = table.byte(1, 0);
  const type = tensorTypes.get(code);
  if (type === undefined) {
    throw buffer.error(
      `tensor ${quoted(name)} has type number ${code}; supported are ${[...tensorTypes.values()].join(', ')}`,
    );
  }
  if (table.table(6) !== null) {
    throw buffer.error(`tensor ${quoted(name)} is stored sparsely, which is not supported`);
  }
  const dims = table.int32s(0, MAX_DIMENSIONS);
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (dims.some((dim) => dim < 1) || count > MAX_TENSOR_ELEMENTS) {
    throw buffer.error(`tensor ${quoted(name)} has the shape [${dims.join(', ')}]`);
  }
  const index = table.uint32(2, 0);
  const data = buffers[index];
  if (data === undefined) {
    throw buffer.error(`tensor ${quoted(name)} lies in buffer ${index}, but there are ${buffers.length}`);
  }
  if (data.byteLength === 0) return { name, type, dims, data: null };
  const expected = count * bytesEach[type];
  if (data.byteLength !== expected) {
    throw buffer.error(
      `tensor ${quoted(name)} of shape [${dims.join(', ')}] (${type}) needs ${expected} bytes, its buffer has ${data.byteLength}`,
    );
  }
  return { name, type, dims, data };
}
