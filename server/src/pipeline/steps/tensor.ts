/** Statistics of whole planes: range, mean, deviation; and how JSON spells numbers that are not finite. */
import type { Moments, Range, Real } from '../../../../protocol/report';
import { greatest, least, squaredDeviations, sum } from '../../../../painting/reduce';

/**
 * Mean, population standard deviation, minimum and maximum, accumulated in double precision. A NaN makes all four NaN, as
 * in NumPy.
 */
export function rangeOf(values: Float32Array): Range {
  const moments = momentsOf(values);
  return moments.mean === 'NaN' && values.some(Number.isNaN)
    ? { mean: 'NaN', std: 'NaN', min: 'NaN', max: 'NaN' }
    : { ...moments, min: real(least(values)), max: real(greatest(values)) };
}

/** Only mean and deviation. A NaN makes both NaN, and so do infinities of both signs. */
export function momentsOf(values: Float32Array): Moments {
  const mean = sum(values) / values.length;
  return { mean: real(mean), std: real(Math.sqrt(squaredDeviations(values, mean) / values.length)) };
}

/** JSON has no NaN and no infinity: they are spelled out. */
export function real(value: number): Real {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}
