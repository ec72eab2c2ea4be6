/** TensorProto to ConstantTensor: whichever of its eight data fields is used, the result is raw little-endian bytes. */
import type { ConstantTensor, DataType, ExternalData } from './model';
import { bytesOf, bytesPerElement, dataTypes, elementCount } from './model';
import { checkLocation } from './external-data';
import type { MessageReader } from './protobuf-reader';
import { EXTERNAL, entryFields, tensorFields } from './schema';
import { packStrings } from './strings';

export const MAX_RANK = 64;

/** Values written one varint each are unpacked to at most this much; larger tensors are always stored raw. */
const MAX_UNPACKED_BYTES = 256 * 1024 * 1024;

const typesByNumber: ReadonlyMap<number, DataType> = new Map(
  Object.entries(dataTypes).map(([name, number]) => [number, name as DataType]),
);

/** Names of the element types that are recognized but not supported. */
const refusedTypes: Readonly<Record<number, string>> = {
  0: 'UNDEFINED',
  14: 'COMPLEX64',
  15: 'COMPLEX128',
  17: 'FLOAT8E4M3FN',
  18: 'FLOAT8E4M3FNUZ',
  19: 'FLOAT8E5M2',
  20: 'FLOAT8E5M2FNUZ',
  23: 'FLOAT4E2M1',
  24: 'FLOAT8E8M0',
};

/** The element type with this number. `what` names the tensor in errors. */
export function elementType(message: MessageReader, number: number, what: string): DataType {
  const type = typesByNumber.get(number);
  if (type !== undefined) return type;
  return message.source.fail(
    message.start,
    `${what} to have an element type of ${Object.keys(dataTypes).join(', ')}`,
    refusedTypes[number] ?? `type ${number}`,
    'Export the model in float32.',
  );
}

export interface NamedTensor {
  readonly name: string;
  readonly tensor: ConstantTensor;
}

/** `owner` names the tensor in errors if it has no name of its own. */
export function decodeTensor(message: MessageReader, owner: string): NamedTensor {
  const header = readHeader(message, owner);
  const { name, what, dims, type } = header;
  const count = elementCount(dims);
  const data = header.external
    ? readReference(message, header, count)
    : type === 'string'
      ? readStrings(message, what, count)
      : readValues(message, what, type, dims, count);
  return { name, tensor: { type, dims, data } };
}

interface Header {
  readonly name: string;
  /** Its name in errors. */
  readonly what: string;
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly external: boolean;
}

/** First pass: everything but the values, which may come before the type that says how to read them. */
function readHeader(message: MessageReader, owner: string): Header {
  const reader = message.again();
  const dims: number[] = [];
  let name = '';
  let typeNumber = 0;
  let external = false;
  while (reader.next()) {
    switch (reader.field) {
      case tensorFields.dims:
        reader.integers((low, high, at) => {
          const dim = (high | 0) * 2 ** 32 + low;
          if (dim < 0) reader.source.fail(at, 'a dimension of 0 or more', String(dim));
          if (dims.length === MAX_RANK) reader.source.fail(at, `at most ${MAX_RANK} dimensions`, 'more');
          dims.push(dim);
        });
        break;
      case tensorFields.name:
        name = reader.string();
        break;
      case tensorFields.dataType:
        typeNumber = reader.int64();
        break;
      case tensorFields.dataLocation:
        external = reader.int64() === EXTERNAL;
        break;
      case tensorFields.segment:
        reader.source.fail(reader.fieldStart, 'a whole tensor', 'a segment of one');
    }
  }
  const what = name === '' ? owner : `tensor "${name}"`;
  return { name, what, dims, external, type: elementType(message, typeNumber, what) };
}

/** Which field holds non-raw values of a type, and how (onnx.proto, TensorProto). */
function valueField(type: Exclude<DataType, 'string'>): number {
  switch (type) {
    case 'float32':
      return tensorFields.floatData;
    case 'float64':
      return tensorFields.doubleData;
    case 'int64':
      return tensorFields.int64Data;
    case 'uint32':
    case 'uint64':
      return tensorFields.uint64Data;
    default:
      return tensorFields.int32Data;
  }
}

function readValues(
  message: MessageReader,
  what: string,
  type: Exclude<DataType, 'string'>,
  dims: readonly number[],
  count: number,
): Uint8Array {
  const total = bytesOf(type, count);
  // Two elements of 4 bits share a byte.
  const size = Math.max(1, bytesPerElement[type]);
  const expected = `${total} bytes of ${what} (${type} [${dims.join(', ')}])`;
  const field = valueField(type);
  const reader = message.again();
  const runs: Uint8Array[] = [];
  let filled = 0;
  let unpacked: DataView | undefined;
  while (reader.next()) {
    if (reader.field === tensorFields.rawData) {
      const raw = reader.bytes();
      if (raw.byteLength !== total) reader.source.fail(reader.fieldStart, expected, `${raw.byteLength}`);
      return raw;
    }
    if (reader.field !== field) continue;
    if (type === 'float32' || type === 'float64') {
      const run = reader.fixed(size === 4 ? 4 : 8);
      filled += run.byteLength;
      if (filled > total) reader.source.fail(reader.fieldStart, expected, 'more');
      runs.push(run);
      continue;
    }
    unpacked ??= allocate(message, expected, total / size, size);
    const target = unpacked;
    reader.integers((low, high, at) => {
      if (filled === target.byteLength) reader.source.fail(at, expected, 'more');
      store(target, filled, size, low, high);
      filled += size;
    });
  }
  if (filled !== total) message.source.fail(message.start, expected, filled === 0 ? 'none' : `${filled}`);
  if (unpacked !== undefined) return new Uint8Array(unpacked.buffer);
  return runs.length === 1 ? (runs[0] as Uint8Array) : concatenate(runs, filled);
}

/** Each value takes at least one byte of the message, which bounds how much a small file can make us allocate. */
function allocate(message: MessageReader, expected: string, count: number, size: number): DataView {
  const available = message.end - message.start;
  if (count > available) message.source.fail(message.start, expected, `a message of ${available} bytes`);
  if (count * size > MAX_UNPACKED_BYTES) {
    message.source.fail(
      message.start,
      `at most ${MAX_UNPACKED_BYTES} bytes in a tensor that is not stored raw`,
      `${count * size}`,
    );
  }
  return new DataView(new ArrayBuffer(count * size));
}

function store(target: DataView, at: number, size: number, low: number, high: number): void {
  if (size === 1) target.setUint8(at, low);
  else if (size === 2) target.setUint16(at, low, true);
  else target.setUint32(at, low, true);
  if (size === 8) target.setUint32(at + 4, high, true);
}

function concatenate(runs: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const run of runs) {
    whole.set(run, at);
    at += run.byteLength;
  }
  return whole;
}

function readStrings(message: MessageReader, what: string, count: number): Uint8Array {
  const reader = message.again();
  const elements: Uint8Array[] = [];
  while (reader.next()) {
    if (reader.field !== tensorFields.stringData) continue;
    reader.source.spend(reader.fieldStart);
    elements.push(reader.bytes());
  }
  if (elements.length !== count)
    message.source.fail(message.start, `${count} strings of ${what}`, `${elements.length}`);
  return packStrings(elements);
}

function readReference(message: MessageReader, header: Header, count: number): ExternalData {
  const { what, type, dims } = header;
  const { source, start } = message;
  if (type === 'string')
    return source.fail(start, `the strings of ${what} in the model file`, 'a reference to external data');
  const entries = readEntries(message);
  const location = entries.get('location');
  if (location === undefined)
    return source.fail(start, `a location for the external data of ${what}`, 'none');
  const size = bytesOf(type, count);
  const offset = readNumber(entries.get('offset') ?? '0');
  const length = readNumber(entries.get('length') ?? String(size));
  if (offset === undefined) return source.fail(start, `an offset of ${what}`, `"${entries.get('offset')}"`);
  if (length !== size) {
    source.fail(
      start,
      `${size} bytes of external data for ${what} (${type} [${dims.join(', ')}])`,
      `"${entries.get('length')}"`,
    );
  }
  return { location: checkLocation(location, what, source.name), offset, length: size };
}

function readEntries(message: MessageReader): Map<string, string> {
  const entries = new Map<string, string>();
  const reader = message.again();
  while (reader.next()) {
    if (reader.field === tensorFields.externalData) entries.set(...readEntry(reader.message()));
  }
  return entries;
}

/** A StringStringEntryProto. */
export function readEntry(entry: MessageReader): [key: string, value: string] {
  let key = '';
  let value = '';
  while (entry.next()) {
    if (entry.field === entryFields.key) key = entry.string();
    if (entry.field === entryFields.value) value = entry.string();
  }
  return [key, value];
}

function readNumber(text: string): number | undefined {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}
