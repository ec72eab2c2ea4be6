/** Between TensorFlow's channels-last order and ONNX's channels-first one. */
import type { ConstantTensor } from '../../onnx/model';

/** Four values given per N, H, W, C, in the order N, C, H, W. */
export function fromNhwc([n, h, w, c]: readonly number[]): readonly number[] {
  return [n ?? 0, c ?? 0, h ?? 0, w ?? 0];
}

/** Four values given per N, C, H, W, in the order N, H, W, C. */
export function toNhwc([n, c, h, w]: readonly number[]): readonly number[] {
  return [n ?? 0, h ?? 0, w ?? 0, c ?? 0];
}

/** A float constant whose bytes have been read from the file. */
export interface FloatConstant {
  readonly type: 'float32' | 'float16';
  readonly dims: readonly number[];
  readonly data: Uint8Array;
}

/** Re-orders the axes: axis i of the result is axis `order[i]` of the given tensor. Copies. */
export function permute(tensor: FloatConstant, order: readonly number[]): FloatConstant {
  const bytesEach = tensor.type === 'float32' ? 4 : 2;
  const strides = tensor.dims.map((_, axis) => tensor.dims.slice(axis + 1).reduce((a, b) => a * b, 1));
  const dims = order.map((axis) => tensor.dims[axis] ?? 1);
  const steps = order.map((axis) => strides[axis] ?? 0);
  const out = new Uint8Array(tensor.data.byteLength);
  const index = dims.map(() => 0);
  let from = 0;
  for (let to = 0; to < out.byteLength; to += bytesEach) {
    for (let b = 0; b < bytesEach; b++) out[to + b] = tensor.data[from * bytesEach + b] ?? 0;
    // Counts up like an odometer, the last axis fastest.
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      from += steps[axis] ?? 0;
      if (next < (dims[axis] ?? 1)) {
        index[axis] = next;
        break;
      }
      from -= next * (steps[axis] ?? 0);
      index[axis] = 0;
    }
  }
  return { type: tensor.type, dims, data: out };
}

export function asConstant({ type, dims, data }: FloatConstant): ConstantTensor {
  return { type, dims, data };
}
