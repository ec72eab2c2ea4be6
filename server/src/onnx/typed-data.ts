/** Constant tensors as typed arrays: bytes become numbers of the stored type. */
import { bfloat16ToFloat, halfToFloat } from './half';
import type { ConstantTensor, DataType } from './model';
import { elementCount, isExternal } from './model';

/** The array that holds each element type; 16-bit floats are left as their bits, booleans are 0 or 1, each 4-bit integer has an element of its own. */
export interface TypedArrays {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly float16: Uint16Array;
  readonly bfloat16: Uint16Array;
  readonly int8: Int8Array;
  readonly int16: Int16Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
  readonly uint8: Uint8Array;
  readonly uint16: Uint16Array;
  readonly uint32: Uint32Array;
  readonly uint64: BigUint64Array;
  readonly bool: Uint8Array;
  readonly uint4: Uint8Array;
  readonly int4: Int8Array;
}

export type NumericType = keyof TypedArrays;

/** A constant in memory, C-ordered. */
export type TypedTensor = {
  readonly [T in NumericType]: {
    readonly type: T;
    readonly dims: readonly number[];
    readonly data: TypedArrays[T];
  };
}[NumericType];

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
  uint4: Uint8Array,
  int4: Int8Array,
} as const;

export function isNumeric(type: DataType): type is NumericType {
  return type !== 'string';
}

/** Views `data` (little-endian) as elements of `type`; copies only when its offset is unaligned, or two elements share a byte. */
export function typedTensor(type: NumericType, dims: readonly number[], data: Uint8Array): TypedTensor {
  if (type === 'uint4' || type === 'int4') return nibbles(type, dims, data);
  const Constructor = constructors[type];
  const size = Constructor.BYTES_PER_ELEMENT;
  const aligned = data.byteOffset % size === 0 ? data : new Uint8Array(data);
  const elements = new Constructor(aligned.buffer as ArrayBuffer, aligned.byteOffset, data.byteLength / size);
  return { type, dims, data: elements } as TypedTensor;
}

/** The first of two elements is in the lower half of their byte. */
function nibbles(type: 'uint4' | 'int4', dims: readonly number[], data: Uint8Array): TypedTensor {
  const elements = new constructors[type](elementCount(dims));
  for (let i = 0; i < elements.length; i++) {
    const half = ((data[i >> 1] ?? 0) >> (4 * (i & 1))) & 0xf;
    elements[i] = type === 'int4' && half > 7 ? half - 16 : half;
  }
  return { type, dims, data: elements } as TypedTensor;
}

/** The tensor's numbers as doubles; null for strings and for data outside the model file. */
export function numbersOf(tensor: ConstantTensor): number[] | null {
  if (!isNumeric(tensor.type) || isExternal(tensor.data)) return null;
  return Array.from(toNumbers(typedTensor(tensor.type, tensor.dims, tensor.data)));
}

/** Elements as doubles, 16-bit floats decoded; 64-bit integers as the nearest double. */
export function* toNumbers(tensor: TypedTensor): Generator<number> {
  switch (tensor.type) {
    case 'float16':
      for (const bits of tensor.data) yield halfToFloat(bits);
      return;
    case 'bfloat16':
      for (const bits of tensor.data) yield bfloat16ToFloat(bits);
      return;
    default:
      for (const value of tensor.data) yield Number(value);
  }
}

/** Numbers as the little-endian bytes of `type`. Not for 16-bit floats, whose bits are not numbers here. */
export function packNumbers(
  type: Exclude<NumericType, 'float16' | 'bfloat16'>,
  values: readonly number[],
): Uint8Array {
  if (type === 'uint4' || type === 'int4') return packNibbles(values);
  if (type === 'int64') return bytesOf(BigInt64Array.from(values, (value) => BigInt(value)));
  if (type === 'uint64') return bytesOf(BigUint64Array.from(values, (value) => BigInt(value)));
  return bytesOf(constructors[type].from(values));
}

const bytesOf = (elements: ArrayBufferView): Uint8Array => new Uint8Array(elements.buffer);

function packNibbles(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(values.length / 2));
  values.forEach((value, i) => {
    bytes[i >> 1] = (bytes[i >> 1] ?? 0) | ((value & 0xf) << (4 * (i & 1)));
  });
  return bytes;
}
