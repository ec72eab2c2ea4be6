/** PyTorch's persistent ids: how its pickles refer to the storages that hold tensors' elements. */
import { describe, isGlobal, PyTuple } from './pickle/values';
import type { ConstructContext, StorageRef, Value } from './pickle/values';

/**
 * Parses `('storage', class, key, location, elements)`, which the non-zip format follows with a view
 * `(key, offset, elements)` or None. `location` ("cpu", "cuda:0") says where it was, and does not matter.
 * Source: torch/serialization.py, `persistent_load`.
 */
export function storageRef(id: Value, context: ConstructContext): StorageRef {
  if (!(id instanceof PyTuple))
    return context.fail(`refers to a storage by ${describe(id)}; expected a tuple`);
  const [kind, type, key, , count, view] = id.items;
  if (kind !== 'storage') {
    const what = kind === 'module' ? "a module's source code" : describe(kind);
    return context.fail(`refers to ${what}; expected storages only`);
  }
  if (!isGlobal(type) || !type.element) {
    return context.fail(`refers to a storage whose type is ${describe(type)}`);
  }
  if (typeof key !== 'string' && typeof key !== 'number') {
    return context.fail(`refers to a storage by ${describe(key)}; expected its key`);
  }
  const { element } = type;
  const totalBytes = sizeOf(count, context) * element.bytes;
  const whole: StorageRef = {
    kind: 'storage',
    key: String(key),
    element,
    totalBytes,
    byteOffset: 0,
    byteLength: totalBytes,
  };
  if (view === undefined || view === null) return whole;
  if (!(view instanceof PyTuple)) return context.fail(`refers to a storage view by ${describe(view)}`);
  const byteOffset = sizeOf(view.items[1], context) * element.bytes;
  const byteLength = sizeOf(view.items[2], context) * element.bytes;
  if (byteOffset + byteLength > totalBytes) {
    return context.fail(
      `refers to bytes ${byteOffset} to ${byteOffset + byteLength} of a storage of ${totalBytes}`,
    );
  }
  return { ...whole, byteOffset, byteLength };
}

/** Elements of a storage; 2^48 of them are beyond any file, and times 16 bytes still exact. */
function sizeOf(value: Value | undefined, context: ConstructContext): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 2 ** 48) return value;
  const found = typeof value === 'number' || typeof value === 'bigint' ? String(value) : describe(value);
  return context.fail(`refers to a storage whose size is ${found}; expected its number of elements`);
}
