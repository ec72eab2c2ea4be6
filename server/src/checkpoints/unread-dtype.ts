/** Tensors of a type that is stored well and not read here. */
import { dtypeNames } from './dtypes';
import { CheckpointError, quoted } from './error';
import type { Where } from './error';

/** @param dtype as PyTorch calls it: float8_e4m3fn, complex64, qint8 */
export function unreadDtype(where: Where, tensor: string, dtype: string, offset?: number): CheckpointError {
  const [kind = dtype] = dtype.split('_');
  const convert = /^(float|int|uint)/.test(kind)
    ? `; convert to ${kind.startsWith('float') ? 'float16' : 'int64'}`
    : '';
  return new CheckpointError(
    where,
    `${quoted(kind, 20).slice(1, -1)} is not read${convert}. Its tensor ${quoted(tensor)} has dtype ` +
      `${quoted(dtype, 20).slice(1, -1)}; expected one of ${dtypeNames.join(', ')}`,
    {
      kind: 'unsupported',
      ...(offset === undefined ? {} : { offset }),
      fix: 'Save the weights as float16, bfloat16 or float32.',
    },
  );
}
