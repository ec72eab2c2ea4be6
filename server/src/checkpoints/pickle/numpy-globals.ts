/** NumPy names that appear in checkpoints: scalars such as a best accuracy, arrays such as a random state. Kept by name. */
import { PyOpaque } from './values';
import type { PyGlobal } from './values';

const scalarTypes = [
  ...['bool_', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'],
  ...['float16', 'float32', 'float64', 'complex64', 'complex128', 'str_', 'bytes_'],
];

export const numpyGlobals: readonly PyGlobal[] = [
  ['numpy.core.multiarray.scalar', 'numpy scalar'],
  ['numpy.core.multiarray._reconstruct', 'numpy array'],
  ['numpy.core.numeric._frombuffer', 'numpy array'],
  ['numpy.ndarray', 'numpy array'],
  ['numpy.dtype', 'numpy dtype'],
  ...scalarTypes.map((type) => [`numpy.${type}`, 'numpy scalar'] as const),
].map(([name = '', type = '']) => ({ kind: 'global', name, construct: () => new PyOpaque(type) }));
