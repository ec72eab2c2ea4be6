/**
 * Quantized tensors in the float equivalent: q = x / scale + zero point stays a float, within the range of its type but not
 * rounded. Its gradient is that of the straight-through estimator (arXiv 1308.3432): 1 where q is in range, else 0.
 */
import { float32Tensor } from '../../onnx/builder';
import type { ConstantTensor, DataType } from '../../onnx/model';
import { computedTensor } from '../../onnx/computed';
import { dataTypes } from '../../onnx/model';
import type { NumericType } from '../../onnx/typed-data';
import { typedTensor } from '../../onnx/typed-data';
import { roundHalfEven } from '../../round';
import type { LoweringContext } from '../lowering';
import { fromFront, product } from '../lowering';
import { CLIPPED } from './units';

/** Where scale and zero point of a tensor are among a node's inputs, and the axis that they vary along. */
export interface Quantization {
  readonly scale: number;
  readonly zero: number;
  readonly axis?: number;
  /** Elements along the axis that share scale and zero point; left out where all of a slice do. */
  readonly block?: number;
}

const RANGES: Readonly<Partial<Record<DataType, readonly [number, number]>>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
  uint4: [0, 15],
  int4: [-8, 7],
};

/** Types whose constants hold codes; float32 ones come from `quantized`. */
const CODES: ReadonlySet<DataType> = new Set(['int32', 'float32', ...(Object.keys(RANGES) as DataType[])]);

/** (q - zero point) scale. A constant is computed here, so that weights stay weights. */
export function real(ctx: LoweringContext, index: number, how: Quantization): string {
  const { emit } = ctx;
  const dims = ctx.dims(index);
  const folded = foldedReal(ctx, index, how);
  if (folded !== null) return emit.constant('constant/real', folded);
  const centered = shifted(ctx, index, how.zero, how.axis);
  return emit.mul(centered, parameter(ctx, how.scale, dims.length, how.axis));
}

/** q - zero point, of a tensor of integers or of one that represents it. */
export function shifted(ctx: LoweringContext, index: number, zero: number, axis?: number): string {
  const { emit } = ctx;
  const zeros = ctx.has(zero) ? ctx.numbers(zero) : [0];
  if (zeros !== undefined) {
    const at = perAxis(ctx.dims(index), axis, zeros);
    const centered = fromCodes(ctx, index, (value, i) => value - at(i));
    if (centered !== null) return emit.constant('constant/real', centered);
  }
  const floats = ctx.type(index) === 'float32' ? ctx.input(index) : emit.cast(ctx.input(index), 'float32');
  if (zeros?.every((value) => value === 0) === true) return floats;
  return emit.sub(floats, parameter(ctx, zero, ctx.dims(index).length, axis));
}

/** Least and greatest code of the type that a node quantizes to. */
export function rangeOf(ctx: LoweringContext, how: Quantization): readonly [number, number] {
  const asked = ctx.int('output_dtype', 0);
  const type = ctx.has(how.zero) ? ctx.type(how.zero) : asked === 0 ? 'uint8' : typeOf(asked);
  return RANGES[type as DataType] ?? ctx.refuse(`it is quantized to ${type}`);
}

const typeOf = (number: number): string =>
  Object.entries(dataTypes).find(([, each]) => each === number)?.[0] ?? `type ${number}`;

/** Clipped to what the type of the zero point can hold, then x / scale + zero point. */
export function quantized(ctx: LoweringContext, x: string, rank: number, how: Quantization): string {
  const { emit } = ctx;
  const scales = ctx.numbers(how.scale) ?? ctx.refuse('its scale is missing');
  const zeros = ctx.has(how.zero) ? (ctx.numbers(how.zero) ?? [0]) : [0];
  const [low, high] = rangeOf(ctx, how);
  const [scale = 1, zero = 0] = [scales[0], zeros[0]];
  const c = (value: number): string => emit.scalar(value, 'float32');
  const bound = (value: number, name: string): string =>
    emit.shared(`constant${name}`, () => float32Tensor([], [value]));
  if (scales.length > 1) {
    const q = emit.div(x, parameter(ctx, how.scale, rank, how.axis));
    // Zero points that differ leave no bounds that all channels share: that range stays.
    if (zeros.some((other) => other !== zero))
      return emit.op('Clip', [emit.add(q, parameter(ctx, how.zero, rank, how.axis)), c(low), c(high)]);
    const held = emit.op('Clip', [q, bound(low - zero, RANGE.low), bound(high - zero, RANGE.high)]);
    return zero === 0 ? held : emit.add(held, c(zero));
  }
  const bounds = [bound((low - zero) * scale, RANGE.low), bound((high - zero) * scale, RANGE.high)];
  const clipped = emit.op('Clip', [x, ...bounds], {}, CLIPPED);
  const q = emit.div(clipped, c(scale));
  return zero === 0 ? q : emit.add(q, c(zero));
}

/** Ends of the names of the bounds of a range, by which `withoutRanges` finds them. */
export const RANGE = { low: '/range/low', high: '/range/high' } as const;

/** A constant is quantized here, and rounded as the file rounds it: weights that are written as floats are not activations. */
export function quantizedConstant(ctx: LoweringContext, index: number, how: Quantization): string | null {
  const constant = ctx.constant(index);
  if (constant?.type !== 'float32') return null;
  const [scaleAt, zeroAt] = parametersAt(ctx, constant.dims, how);
  const [low, high] = rangeOf(ctx, how);
  const codes = eachOf(constant, (value, i) =>
    Math.min(high, Math.max(low, roundHalfEven(Math.fround(value / scaleAt(i))) + zeroAt(i))),
  );
  return ctx.emit.constant('constant/codes', codes);
}

/** A scale or zero point as it broadcasts against a tensor of `rank` axes. */
function parameter(ctx: LoweringContext, index: number, rank: number, axis = 1): string {
  const { emit } = ctx;
  const known = ctx.numbers(index) ?? ctx.refuse(`its input ${index} is missing`);
  if (known.length === 1) return emit.scalar(known[0] ?? 0, 'float32');
  const shape = Array.from({ length: rank }, (_, i) => (i === fromFront(axis, rank) ? known.length : 1));
  return emit.constant('constant/parameter', float32Tensor(shape, Float32Array.from(known)));
}

function foldedReal(ctx: LoweringContext, index: number, how: Quantization): ConstantTensor | null {
  if (ctx.constant(index) === null) return null;
  const [scaleAt, zeroAt] = parametersAt(ctx, ctx.dims(index), how);
  return fromCodes(ctx, index, (value, i) => (value - zeroAt(i)) * scaleAt(i));
}

type At = (i: number) => number;

/** Scale and zero point of each element in C order. */
function parametersAt(ctx: LoweringContext, dims: readonly number[], how: Quantization): readonly [At, At] {
  const scales = ctx.numbers(how.scale) ?? [1];
  const zeros = ctx.has(how.zero) ? (ctx.numbers(how.zero) ?? [0]) : [0];
  const at = (given: readonly number[]): At =>
    how.block === undefined || given.length === 1
      ? perAxis(dims, how.axis, given)
      : perBlock(dims, how.axis, how.block, given);
  return [at(scales), at(zeros)];
}

/** `block` elements along the axis share a parameter. */
function perBlock(dims: readonly number[], axis = 1, block: number, given: readonly number[]): At {
  const at = fromFront(axis, dims.length);
  const [size, inner] = [dims[at] ?? 1, product(dims.slice(at + 1))];
  const blocks = Math.ceil(size / block);
  return (i) => {
    const [outer, along] = [Math.floor(i / (inner * size)), Math.floor(i / inner) % size];
    return given[(outer * blocks + Math.floor(along / block)) * inner + (i % inner)] ?? 0;
  };
}

/** The parameter of each element in C order. */
function perAxis(dims: readonly number[], axis = 1, given: readonly number[]): At {
  if (given.length === 1) return () => given[0] ?? 0;
  const at = fromFront(axis, dims.length);
  const inner = product(dims.slice(at + 1));
  return (i) => given[Math.floor(i / inner) % given.length] ?? 0;
}

/** Computed from each value of a constant of codes; null for any other input. */
function fromCodes(
  ctx: LoweringContext,
  index: number,
  compute: (code: number, i: number) => number,
): ConstantTensor | null {
  const constant = ctx.constant(index);
  return constant !== null && CODES.has(constant.type) ? eachOf(constant, compute) : null;
}

function eachOf(constant: ConstantTensor, compute: (value: number, i: number) => number): ConstantTensor {
  const { type, dims } = constant;
  return computedTensor(constant, dims, (bytes) => {
    const numbers = typedTensor(type as NumericType, dims, bytes).data as ArrayLike<number>;
    const values = new Float32Array(numbers.length);
    // Float32Array.from takes ten times as long.
    for (let i = 0; i < numbers.length; i++) values[i] = compute(numbers[i] as number, i);
    return values;
  });
}
