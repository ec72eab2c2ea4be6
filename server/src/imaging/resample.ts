/** Resampling maps of any size to one size: `Y map X'`, where both matrices are banded and kept from map to map. */

import type { FloatMap } from './image';
import type { Kernels, Room } from './kernels';
import type { RangedValues, Taps } from './separable';
import { Separable } from './separable';

/** The matrix that takes `sourceLength` samples to `length`. */
export type MakeTaps = (sourceLength: number, length: number) => Taps;

/**
 * Rows of weights to a banded matrix: `entries(i, add)` adds the weight of each input of output i, in any order, several
 * times if need be. The inputs of an output lie beside each other.
 */
export function bands(
  sourceLength: number,
  length: number,
  entries: (output: number, add: (input: number, weight: number) => void) => void,
): Taps {
  const first = new Int32Array(length).fill(sourceLength);
  let span = 1;
  for (let i = 0; i < length; i++) {
    let last = 0;
    entries(i, (input) => {
      first[i] = Math.min(first[i] as number, input);
      last = Math.max(last, input);
    });
    span = Math.max(span, last - (first[i] as number) + 1);
  }
  const indices = new Int32Array(length * span);
  const weights = new Float64Array(length * span);
  for (let i = 0; i < length; i++) {
    const start = i * span;
    // A band at the end begins earlier, so that every one lies inside; the weights are 0 where it has no entry.
    const from = Math.min(first[i] as number, Math.max(sourceLength - span, 0));
    for (let k = 0; k < span; k++) indices[start + k] = from + k;
    entries(i, (input, weight) => {
      weights[start + input - from] = (weights[start + input - from] as number) + weight;
    });
  }
  return { length, span, indices, weights };
}

/**
 * Resamples maps of any size to one size. What it returns is overwritten by the next call: pictures are drawn one after
 * the other, and fresh memory for each costs more than the arithmetic.
 */
export class Resampler {
  private readonly known = new Map<string, Taps>();
  private readonly separable: Separable;
  private readonly out: Room;

  constructor(
    kernels: Kernels,
    readonly width: number,
    readonly height: number,
    private readonly make: MakeTaps,
  ) {
    this.separable = new Separable(kernels);
    this.out = kernels.room(4 * width * height);
  }

  /** Takes the map that is resampled next. The range of its values; null if one is not finite, or there is none. */
  load({ data }: FloatMap): { readonly min: number; readonly max: number } | null {
    return this.separable.load(data);
  }

  /** (v - offset) / divisor of the values that were loaded, all finite; sums in float64, rounded to float32 once. */
  resample(size: Pick<FloatMap, 'width' | 'height'>, offset = 0, divisor = 1): RangedValues {
    const columns = this.taps(size.width, this.width);
    const rows = this.taps(size.height, this.height);
    return this.separable.apply(size, columns, rows, this.out, offset, divisor);
  }

  /** The same value everywhere. */
  constant(value: number): Room {
    this.out.float32(this.width * this.height).fill(value);
    return this.out;
  }

  private taps(sourceLength: number, length: number): Taps {
    const key = `${sourceLength}:${length}`;
    let found = this.known.get(key);
    if (found === undefined) this.known.set(key, (found = this.make(sourceLength, length)));
    return found;
  }
}
