/** Small known values: which tensors carry them, and how a result is rounded to its element type. */
import type { DataType } from '../model';
import { elementCount } from '../model';
import type { TensorInfo } from './shape-rule';

/** Target shapes, axes, indices and scales have a handful of elements; larger tensors are data. */
const MAX_KNOWN_ELEMENTS = 1024;

const ranges: Readonly<Partial<Record<DataType, readonly [min: number, max: number]>>> = {
  uint8: [0, 0xff],
  int8: [-0x80, 0x7f],
  uint16: [0, 0xffff],
  int16: [-0x8000, 0x7fff],
  uint32: [0, 0xffff_ffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  bool: [0, 1],
};

export const isInteger = (type: DataType): boolean => ranges[type] !== undefined && type !== 'bool';

/**
 * Tensor information with a computed value, rounded to `type` once and correctly. The value is omitted
 * where it would not be exact: 16-bit floats, integers that overflow, and tensors that are too large.
 */
export function computed(
  type: DataType,
  dims: readonly number[],
  value: readonly number[] | undefined,
): TensorInfo {
  const exact = value === undefined ? undefined : exactIn(type, dims, value);
  return exact === undefined ? { type, dims } : { type, dims, value: exact };
}

function exactIn(
  type: DataType,
  dims: readonly number[],
  value: readonly number[],
): readonly number[] | undefined {
  if (value.length > MAX_KNOWN_ELEMENTS || value.length !== elementCount(dims)) return undefined;
  if (type === 'float32') return value.map(Math.fround);
  if (type === 'float64') return value;
  const range = ranges[type];
  if (range === undefined) return undefined;
  const [min, max] = range;
  // Adding 0 turns -0, which integers do not have, into 0.
  return value.every((v) => Number.isInteger(v) && v >= min && v <= max)
    ? value.map((v) => v + 0)
    : undefined;
}

/** Whether a tensor of this shape is small enough to have its value known; check before computing one. */
export const isSmall = (dims: readonly number[]): boolean => elementCount(dims) <= MAX_KNOWN_ELEMENTS;

/** Strides of a C-ordered tensor, in elements. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides: number[] = [];
  let step = 1;
  for (const dim of dims.toReversed()) {
    strides.unshift(step);
    step *= dim;
  }
  return strides;
}

/** The multi-index of each element of a tensor, in C order. */
export function* indices(dims: readonly number[]): Generator<readonly number[]> {
  const count = elementCount(dims);
  const strides = stridesOf(dims);
  for (let flat = 0; flat < count; flat++) {
    yield dims.map((dim, axis) => Math.floor(flat / (strides[axis] as number)) % dim);
  }
}
