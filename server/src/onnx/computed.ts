/** Constants that are computed from others: at once, or, of those that were left in their file, when somebody reads them. */
import { float32Tensor } from './builder';
import type { ConstantTensor } from './model';
import { isExternal } from './model';

/** @param compute the values, in C order, from the bytes of `from` */
export function computedTensor(
  from: ConstantTensor,
  dims: readonly number[],
  compute: (bytes: Uint8Array) => Float32Array,
): ConstantTensor {
  const { data } = from;
  if (!isExternal(data)) return float32Tensor(dims, compute(data));
  const before = data.as ?? ((stored) => stored);
  const as = (stored: Uint8Array): Uint8Array => {
    const { buffer, byteOffset, byteLength } = compute(before(stored));
    return new Uint8Array(buffer, byteOffset, byteLength);
  };
  return { type: 'float32', dims, data: { ...data, as } };
}
