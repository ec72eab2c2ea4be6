/** Resampling maps of any size to one size: `Y map X'`, where both matrices are banded and cached. */

import type { FloatMap } from './float-map';
import type { PixelKernels, Room } from './kernels';
import type { Range, RangedValues, Taps } from './separable';
import { Separable } from './separable';

/** The matrix that takes `sourceLength` samples to `length`. */
export type MakeTaps = (sourceLength: number, length: number) => Taps;

/**
 * Resamples maps of any size to one size. What it returns is overwritten by the next call: pictures are drawn one after
 * the other, and fresh memory for each costs more than the arithmetic.
 */
export class Resampler {
  private readonly known = new Map<string, Taps>();
  private readonly separable: Separable;
  private readonly out: Room;

  constructor(
    kernels: PixelKernels,
    readonly width: number,
    readonly height: number,
    private readonly make: MakeTaps,
  ) {
    this.separable = new Separable(kernels);
    this.out = kernels.room(4 * width * height);
  }

  /** Takes the map that is resampled next: as `Separable.load`. */
  load({ data }: FloatMap, rectified = false): Range | null {
    return this.separable.load(data, rectified);
  }

  /** (v - offset) / divisor of the values that were loaded, all finite; sums in float64, rounded to float32 once. */
  resample(size: Pick<FloatMap, 'width' | 'height'>, offset = 0, divisor = 1): RangedValues {
    const columns = this.taps(size.width, this.width);
    const rows = this.taps(size.height, this.height);
    return this.separable.apply(size, columns, rows, this.out, offset, divisor);
  }

  /** One value of `map` resampled, without the others. @param value of a value of the map, such as through ReLU */
  at({ width, height, data }: FloatMap, x: number, y: number, value: (v: number) => number): number {
    const [columns, rows] = [this.taps(width, this.width), this.taps(height, this.height)];
    let sum = 0;
    for (let i = y * rows.span; i < (y + 1) * rows.span; i++) {
      const row = (rows.indices[i] as number) * width;
      for (let k = x * columns.span; k < (x + 1) * columns.span; k++)
        sum +=
          (rows.weights[i] as number) *
          (columns.weights[k] as number) *
          value(data[row + (columns.indices[k] as number)] as number);
    }
    return sum;
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
