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
  ['numpy.matrix', 'numpy array'],
  ['numpy.recarray', 'numpy array'],
  ['numpy.ma.core._mareconstruct', 'numpy array'],
  ['numpy.ma.core.MaskedArray', 'numpy array'],
  ['numpy.ma.MaskedArray', 'numpy array'],
  ['numpy.random.__RandomState_ctor', 'numpy random state'],
  ['numpy.random._pickle.__randomstate_ctor', 'numpy random state'],
  ['numpy.random._pickle.__generator_ctor', 'numpy random generator'],
  ['numpy.random._pickle.__bit_generator_ctor', 'numpy bit generator'],
  ...['_mt19937.MT19937', '_pcg64.PCG64', '_pcg64.PCG64DXSM', '_philox.Philox', '_sfc64.SFC64'].map(
    (name) => [`numpy.random.${name}`, 'numpy bit generator'] as const,
  ),
  ['numpy.random.mtrand.RandomState', 'numpy random state'],
  ['numpy.random._generator.Generator', 'numpy random generator'],
  ['numpy.random.bit_generator.SeedSequence', 'numpy seed sequence'],
  ['numpy.random.bit_generator.__pyx_unpickle_SeedSequence', 'numpy seed sequence'],
  ['numpy.dtype', 'numpy dtype'],
  ...scalarTypes.map((type) => [`numpy.${type}`, 'numpy scalar'] as const),
].map(([name = '', type = '']) => ({ kind: 'global', name, construct: () => new PyOpaque(type) }));
