/** Resampling along one axis: which samples make each output, with which weights. */
import type { Taps } from '../../../../painting/separable';

/** Output i is the sum of `weights[i * span + k]` times the sample `firsts[i] + k`, over k < `counts[i]`. */
interface Spans {
  readonly length: number;
  readonly span: number;
  readonly firsts: Int32Array;
  readonly counts: Int32Array;
}

export interface RealTaps extends Spans {
  readonly weights: Float64Array;
}

/** Weights are multiples of 2^-bits. */
export interface FixedTaps extends Spans {
  readonly bits: number;
  readonly weights: Int32Array;
}

/** Weights rounded to `bits`, halves away from 0. */
export function fixed({ weights, ...spans }: RealTaps, bits: number): FixedTaps {
  const scale = 2 ** bits;
  const whole = new Int32Array(weights.length);
  for (let i = 0; i < whole.length; i++) {
    const weight = weights[i] as number;
    whole[i] = Math.trunc(weight * scale + (weight < 0 ? -0.5 : 0.5));
  }
  return { ...spans, bits, weights: whole };
}

/** As `Separable` takes them: beyond the count, weights of 0 on the last sample. */
export function banded({ length, span, firsts, counts, weights }: RealTaps): Taps {
  const indices = new Int32Array(length * span);
  for (let i = 0; i < length; i++) {
    const [first, count] = [firsts[i] as number, counts[i] as number];
    for (let k = 0; k < span; k++) indices[i * span + k] = first + Math.min(k, count - 1);
  }
  return { length, span, indices, weights };
}

/** Samples beyond the ends are the first or the last one, which then takes their weights. */
export function clamped(
  sourceLength: number,
  length: number,
  span: number,
  tap: (output: number) => { readonly first: number; readonly weights: readonly number[] },
): RealTaps {
  const firsts = new Int32Array(length);
  const counts = new Int32Array(length);
  const weights = new Float64Array(length * span);
  for (let i = 0; i < length; i++) {
    const { first, weights: unbound } = tap(i);
    const inside = (at: number): number => Math.min(Math.max(at, 0), sourceLength - 1);
    const start = inside(first);
    unbound.forEach((weight, k) => {
      const at = i * span + inside(first + k) - start;
      weights[at] = (weights[at] as number) + weight;
    });
    firsts[i] = start;
    counts[i] = inside(first + unbound.length - 1) - start + 1;
  }
  return { length, span, firsts, counts, weights };
}
