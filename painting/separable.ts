/** Separable linear maps of planes: weighted sums along the rows, then down the columns. Resampling, blurring, wavelets. */

import type { FloatMap } from './float-map';
import type { PixelKernels, Room } from './kernels';

/** A sparse matrix along one axis: output i is the sum over k < span of weights[i * span + k] * input[indices[i * span + k]]. */
export interface Taps {
  readonly length: number;
  readonly span: number;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

/** Least and greatest value. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Float32 values in the kernels' memory, and their range. */
export interface RangedValues extends Range {
  readonly room: Room;
}

/** Columns and rows that are summed at a time. */
const COLUMNS = 16;
const ROWS = 8;

/** Taps where kernels find them: pointers. */
interface Placed {
  /** A multiple of what was requested: outputs beyond the last repeat it. */
  readonly length: number;
  readonly indices: number;
  readonly weights: number;
}

/** Works on plane after plane in the same memory. */
export class Separable {
  private readonly source: Room;
  private readonly range: Room;
  private readonly eights: Room;
  private readonly stretched: Room;
  private readonly across = new Map<Taps, Placed>();
  private readonly down = new Map<Taps, Placed>();

  constructor(private readonly kernels: PixelKernels) {
    this.source = kernels.room(0);
    this.range = kernels.room(16);
    this.eights = kernels.room(0);
    this.stretched = kernels.room(0);
  }

  /**
   * Takes the values that `apply` works on next. Their range; null if one is not finite, or there is none.
   * @param rectified negative values become 0 first
   */
  load(values: Float32Array, rectified = false): Range | null {
    const { run } = this.kernels;
    this.source.float32(values.length).set(values);
    const source = this.source.at(4 * values.length);
    if (rectified) run.rectify(source, values.length);
    return run.extremes(source, values.length, this.range.at(16)) === 0 ? null : this.readRange();
  }

  /**
   * Fills `out` with `columns.length` x `rows.length` values: the map applied to (v - offset) / divisor of what was loaded,
   * all of which is finite. Sums in float64, in the order of the taps, rounded to float32 once.
   * @param size of what was loaded
   */
  apply(
    { width, height }: Pick<FloatMap, 'width' | 'height'>,
    columns: Taps,
    rows: Taps,
    out: Room,
    offset = 0,
    divisor = 1,
  ): RangedValues {
    const { run } = this.kernels;
    const across = place(this.kernels, this.across, columns, COLUMNS);
    const down = place(this.kernels, this.down, rows, 1);
    const allRows = Math.ceil(height / ROWS) * ROWS;
    const source = this.source.at(4 * width * height);
    const eights = this.eights.fit(8 * width * allRows);
    const stretched = this.stretched.fit(8 * across.length * allRows);
    const to = out.fit(4 * columns.length * rows.length);
    const range = this.range.at(16);

    run.eights(source, width, height, offset, divisor, eights);
    run.columns(
      eights,
      width,
      height,
      across.indices,
      across.weights,
      columns.span,
      across.length,
      stretched,
    );
    const { indices, weights } = down;
    run.rows(stretched, across.length, indices, weights, rows.span, columns.length, rows.length, to, range);
    return { room: out, ...this.readRange() };
  }

  private readRange(): Range {
    const [min = NaN, max = NaN] = this.range.float64(2);
    return { min, max };
  }
}

function place(kernels: PixelKernels, known: Map<Taps, Placed>, taps: Taps, multiple: number): Placed {
  const found = known.get(taps);
  if (found !== undefined) return found;
  const { span } = taps;
  const length = Math.ceil(taps.length / multiple) * multiple;
  const rooms = { indices: kernels.room(4 * length * span), weights: kernels.room(8 * length * span) };
  const indices = rooms.indices.int32(length * span);
  const weights = rooms.weights.float64(length * span);
  indices.set(taps.indices);
  weights.set(taps.weights);
  const last = (taps.length - 1) * span;
  for (let at = last + span; at < length * span; at += span) {
    indices.copyWithin(at, last, last + span);
    weights.copyWithin(at, last, last + span);
  }
  const placed = { length, indices: rooms.indices.at(0), weights: rooms.weights.at(0) };
  known.set(taps, placed);
  return placed;
}
