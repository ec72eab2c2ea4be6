/** Reads a strided tensor out of its storage, in C order, a few megabytes at a time. */
import { dtypeBytes, swapBytes, toFloat32 } from './dtypes';
import type { Dtype } from './dtypes';
import type { ByteSource } from './file';

/** A tensor somewhere in a file. `shape`, `strides` and `offset` count elements of its storage. */
export interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  /** The storage's bytes; closed after each use. */
  readonly open: () => Promise<ByteSource>;
  readonly bigEndian: boolean;
}

/** A tensor with fewer stored elements than it has (`expand`) may have this many. */
const maxExpandedElements = 1 << 24;

/** Bytes of storage held at once. */
const blockBytes = 4 << 20;

/** Number of elements; 1 for a scalar. */
export function parameterCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Strides of a C-ordered tensor, in elements. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] ?? 1) * Math.max(shape[axis + 1] ?? 1, 1);
  }
  return strides;
}

/**
 * Why the layout is refused, or null. Two elements in one place come from `expand` (stride 0), which is read up to
 * a size; other overlaps would let a small file ask for any amount of reading.
 */
export function layoutProblem(shape: readonly number[], strides: readonly number[]): string | null {
  if (parameterCount(shape) === 0) return null;
  const axes = storageAxes(shape, strides, contiguousStrides(shape));
  if (axes.some((axis) => axis.stride === 0) && parameterCount(shape) > maxExpandedElements) {
    return `repeats stored elements ${parameterCount(shape)} times over; at most ${maxExpandedElements} are read`;
  }
  let extent = 1;
  for (const { size, stride } of axes.reverse()) {
    if (stride === 0) continue;
    if (stride < extent) return `has overlapping strides (${strides.join(', ')})`;
    extent = (size - 1) * stride + extent;
  }
  return null;
}

/** C-ordered elements converted to float32. */
export async function readFloats(tensor: StoredTensor): Promise<Float32Array> {
  const out = new Float32Array(parameterCount(tensor.shape));
  await gather(tensor, out, (bytes) => toFloat32(tensor.dtype, bytes));
  return out;
}

/** C-ordered, little-endian elements as they are. */
export async function readElements(tensor: StoredTensor): Promise<Uint8Array> {
  const width = dtypeBytes[tensor.dtype];
  const out = new Uint8Array(parameterCount(tensor.shape) * width);
  if (width === 1) await gather(tensor, out, (bytes) => bytes);
  else if (width === 2) await gather(tensor, new Uint16Array(out.buffer), (b) => new Uint16Array(b.buffer));
  else if (width === 4) await gather(tensor, new Uint32Array(out.buffer), (b) => new Uint32Array(b.buffer));
  else await gather(tensor, new BigUint64Array(out.buffer), (b) => new BigUint64Array(b.buffer));
  return out;
}

/** One dimension seen from the storage: `stride` there, `outStride` in the C-ordered result. */
interface Axis {
  readonly size: number;
  readonly stride: number;
  readonly outStride: number;
}

/** Dimensions by falling storage stride, without those of size 1, runs in both merged. */
function storageAxes(shape: readonly number[], strides: readonly number[], out: readonly number[]): Axis[] {
  const axes = shape
    .map((size, i): Axis => ({ size, stride: strides[i] ?? 0, outStride: out[i] ?? 0 }))
    .filter((axis) => axis.size !== 1)
    .sort((a, b) => b.stride - a.stride || b.outStride - a.outStride);
  const merged: Axis[] = [];
  for (const axis of axes) {
    const outer = merged[merged.length - 1];
    if (outer?.stride === axis.stride * axis.size && outer.outStride === axis.outStride * axis.size) {
      merged[merged.length - 1] = { ...axis, size: outer.size * axis.size };
    } else {
      merged.push(axis);
    }
  }
  return merged;
}

interface Elements<T> {
  readonly length: number;
  [index: number]: T;
  set(source: ArrayLike<T>, offset?: number): void;
  subarray(start: number, end: number): ArrayLike<T>;
}

/**
 * Walks the storage upwards. The outermost dimensions are stepped through one by one, the next is cut into ranges
 * whose span fits a block, the rest lies within the block. Elements are distinct (layoutProblem), so no byte is read
 * twice for them.
 */
async function gather<T>(
  tensor: StoredTensor,
  out: Elements<T>,
  decode: (bytes: Buffer) => Elements<T>,
): Promise<void> {
  if (out.length === 0) return;
  const width = dtypeBytes[tensor.dtype];
  const limit = blockBytes / width;
  const axes = storageAxes(tensor.shape, tensor.strides, contiguousStrides(tensor.shape));
  const spanFrom = (first: number): number =>
    axes.slice(first).reduce((span, axis) => span + (axis.size - 1) * axis.stride, 1);
  let split = 0;
  while (split < axes.length && spanFrom(split + 1) > limit) split++;
  const cut = axes[split] ?? { size: 1, stride: 0, outStride: 0 };
  const inner = axes.slice(split + 1);
  const innerSpan = spanFrom(split + 1);
  const step = cut.stride === 0 ? cut.size : Math.max(1, Math.floor((limit - innerSpan) / cut.stride) + 1);

  const source = await tensor.open();
  try {
    for (const outer of positions(axes.slice(0, split))) {
      for (let first = 0; first < cut.size; first += step) {
        const size = Math.min(step, cut.size - first);
        const start = tensor.offset + outer.at + first * cut.stride;
        const bytes = await source.read(start * width, (innerSpan + (size - 1) * cut.stride) * width);
        if (tensor.bigEndian) swapBytes(bytes, width);
        scatter(decode(bytes), out, outer.outAt + first * cut.outStride, [{ ...cut, size }, ...inner]);
      }
    }
  } finally {
    await source.close();
  }
}

/** All index combinations of the axes, the last running fastest, as positions in storage and result. */
function* positions(axes: readonly Axis[]): Generator<{ at: number; outAt: number }> {
  const index = axes.map(() => 0);
  let at = 0;
  let outAt = 0;
  for (;;) {
    yield { at, outAt };
    let level = axes.length - 1;
    for (; level >= 0; level--) {
      const { size, stride, outStride } = axes[level] as Axis;
      const next = (index[level] ?? 0) + 1;
      if (next < size) {
        index[level] = next;
        at += stride;
        outAt += outStride;
        break;
      }
      index[level] = 0;
      at -= (size - 1) * stride;
      outAt -= (size - 1) * outStride;
    }
    if (level < 0) return;
  }
}

/** Copies a block's elements to their places in the result. */
function scatter<T>(block: Elements<T>, out: Elements<T>, outStart: number, axes: readonly Axis[]): void {
  const last = axes[axes.length - 1] ?? { size: 1, stride: 0, outStride: 0 };
  for (const { at, outAt } of positions(axes.slice(0, -1))) {
    const to = outStart + outAt;
    if (last.stride === 1 && last.outStride === 1) {
      out.set(block.subarray(at, at + last.size), to);
    } else {
      for (let i = 0; i < last.size; i++) out[to + i * last.outStride] = block[at + i * last.stride] as T;
    }
  }
}
