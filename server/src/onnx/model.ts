/** An ONNX model in memory: the parts of ModelProto that decide what is computed (onnx.proto, IR 4 to 13). */
import type { NodeOrigin } from './node-origin';

/** TensorProto.DataType by name; the number is the one in the file. */
export const dataTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
  uint4: 21,
  int4: 22,
} as const;

export type DataType = keyof typeof dataTypes;

/** Bytes of one element; strings have none, and two of 4 bits share one (`bytesOf`). */
export const bytesPerElement: Readonly<Record<Exclude<DataType, 'string'>, number>> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  int32: 4,
  int64: 8,
  bool: 1,
  float16: 2,
  float64: 8,
  uint32: 4,
  uint64: 8,
  bfloat16: 2,
  uint4: 0.5,
  int4: 0.5,
};

/** Bytes that a number of elements take. */
export const bytesOf = (type: Exclude<DataType, 'string'>, count: number): number =>
  Math.ceil(count * bytesPerElement[type]);

/**
 * Where a tensor's bytes are outside the model file: ONNX external data, `location` relative to the model's
 * folder.
 */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
  /** The tensor's bytes, where they are computed from those in the file. Such a tensor can be read but not written. */
  readonly as?: (stored: Uint8Array) => Uint8Array;
}

/**
 * A constant tensor. `data` is little-endian and C-ordered; a view, so treat it as read-only. Its offset may be unaligned.
 * Elements of a string tensor are length-prefixed (strings.ts).
 */
export interface ConstantTensor {
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly data: Uint8Array | ExternalData;
}

/** A dimension is a number, a symbol such as "batch", or unknown (null). */
export type Dimension = number | string | null;

/** A named graph input or output; `dims` is null when the rank is unknown. */
export interface ValueInfo {
  readonly name: string;
  readonly type: DataType;
  readonly dims: readonly Dimension[] | null;
  /** An output that is not a tensor, such as ZipMap's: its type and shape are meaningless. */
  readonly container?: 'sequence' | 'map';
}

/** An attribute's value. Integers beyond 2^53 are held as the nearest double and written back clamped to int64. */
export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: ConstantTensor }
  | { readonly kind: 'graph'; readonly value: Graph }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] };

/** One operator call. An empty string in `inputs` or `outputs` is an omitted optional one. */
export interface Node {
  readonly opType: string;
  /** '' is the standard domain. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** Its origin as recorded by the exporter; affects nothing that is computed, and is not written. */
  readonly origin?: NodeOrigin;
  /** Name of the file's node that was lowered to this and others; not written either. */
  readonly within?: string;
}

/** A graph in topological order. `inputs` excludes names that have an initializer. */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: ReadonlyMap<string, ConstantTensor>;
}

export interface Model {
  readonly irVersion: number;
  readonly producer: string;
  /** Operator set version by domain; '' is the standard one. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: Graph;
  readonly metadata: ReadonlyMap<string, string>;
}

export function isExternal(data: Uint8Array | ExternalData): data is ExternalData {
  return !(data instanceof Uint8Array);
}

/** Number of elements; 1 for a scalar. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, d) => product * d, 1);
}

export const FLOATING: ReadonlySet<DataType> = new Set(['float16', 'bfloat16', 'float32', 'float64']);
