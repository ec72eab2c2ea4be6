/** Separable resampling: `Y map X'`, where both matrices are banded and kept from map to map. */

/** A banded matrix: output i is the sum over k < span of weights[i * span + k] * input[first[i] + k]. */
export interface Bands {
  readonly first: Int32Array;
  readonly weights: Float64Array;
  /** A multiple of 3: so many inputs are added up in one pass. Those beyond the matrix have weight 0. */
  readonly span: number;
}

/** The matrix that takes `sourceLength` samples to `length`. */
export type MakeBands = (sourceLength: number, length: number) => Bands;

/** Values of a map and where they lie: shown as 0..1 by (v - min) / (max - min). */
export interface RangedMap {
  readonly data: Float32Array;
  readonly min: number;
  readonly max: number;
}

/**
 * Rows of weights to a sparse matrix: `entries(i, add)` adds the weight of each input of output i, in any order, several
 * times if need be.
 */
export function bands(
  sourceLength: number,
  length: number,
  entries: (output: number, add: (input: number, weight: number) => void) => void,
): Bands {
  const first = new Int32Array(length).fill(sourceLength);
  let reach = 1;
  for (let i = 0; i < length; i++) {
    let last = 0;
    entries(i, (input) => {
      first[i] = Math.min(first[i] as number, input);
      last = Math.max(last, input);
    });
    reach = Math.max(reach, last - (first[i] as number) + 1);
  }
  const span = Math.ceil(reach / 3) * 3;
  const weights = new Float64Array(length * span);
  for (let i = 0; i < length; i++) {
    const start = i * span - (first[i] as number);
    entries(i, (input, weight) => {
      weights[start + input] = (weights[start + input] as number) + weight;
    });
  }
  return { first, weights, span };
}

/**
 * Resamples maps of any size to one size. What it returns is overwritten by the next call: pictures are drawn one after
 * the other, and fresh memory for each costs more than the arithmetic.
 */
export class Resampler {
  private readonly known = new Map<string, Bands>();
  private readonly out: Float32Array;
  private readonly line: Float64Array;
  /** The map, zeros after it for bands that reach beyond. */
  private padded = new Float64Array(0);
  /** The map with its columns done, rows of zeros below it for bands that reach beyond. */
  private stretched = new Float64Array(0);

  constructor(
    readonly width: number,
    readonly height: number,
    private readonly make: MakeBands,
  ) {
    this.out = new Float32Array(width * height);
    this.line = new Float64Array(width);
  }

  /** Sums in float64, rounded to float32 once. The values of `data` are finite. */
  resample(data: Float64Array, sourceWidth: number, sourceHeight: number): RangedMap {
    const { width, height, out, line } = this;
    const { first, weights, span } = this.bands(sourceHeight, height);
    const stretched = this.stretchColumns(data, sourceWidth, sourceHeight, sourceHeight + span);
    const range = Float64Array.of(Infinity, -Infinity);
    const last = span - 3;
    line.fill(0);
    for (let y = 0; y < height; y++) {
      const row = (first[y] as number) * width;
      const weight = y * span;
      if (last > 0) line.fill(0);
      for (let k = 0; k < last; k += 3) addRows(line, stretched, row + k * width, weights, weight + k);
      finishRow(line, stretched, row + last * width, weights, weight + last, out, y * width, range);
    }
    const [min = NaN, max = NaN] = range;
    return { data: out, min, max };
  }

  private bands(sourceLength: number, length: number): Bands {
    const key = `${sourceLength}:${length}`;
    let found = this.known.get(key);
    if (found === undefined) this.known.set(key, (found = this.make(sourceLength, length)));
    return found;
  }

  /** Columns first: on the few rows of the source that is nearly free, and the row pass, most of the work, is contiguous. */
  private stretchColumns(
    data: Float64Array,
    sourceWidth: number,
    sourceHeight: number,
    rows: number,
  ): Float64Array {
    const { width } = this;
    const { first, weights, span } = this.bands(sourceWidth, width);
    if (this.stretched.length < rows * width) this.stretched = new Float64Array(rows * width);
    if (this.padded.length < data.length + span) this.padded = new Float64Array(data.length + span);
    const { stretched, padded } = this;
    padded.set(data);
    padded.fill(0, data.length, data.length + span);
    stretched.fill(0, sourceHeight * width, rows * width);
    for (let y = 0; y < sourceHeight; y++) {
      stretchRow(padded, y * sourceWidth, first, weights, span, stretched, y * width);
    }
    return stretched;
  }
}

// Each of the following is a loop of its own, called for every row: V8 compiles such functions whole, where it would enter
// one long loop half-way and fall out of the compiled code at its end, picture after picture.

/** One row of `data`, from `start` on, stretched into `out` at `o`. */
function stretchRow(
  data: Float64Array,
  start: number,
  first: Int32Array,
  weights: Float64Array,
  span: number,
  out: Float64Array,
  o: number,
): void {
  for (let x = 0, c = 0; x < first.length; x++) {
    // A band that reaches beyond the row meets weights of 0, and beyond the last row the zeros of the padding.
    const from = start + (first[x] as number);
    let sum = 0;
    for (let at = from; at < from + span; at += 3, c += 3) {
      sum +=
        (weights[c] as number) * (data[at] as number) +
        (weights[c + 1] as number) * (data[at + 1] as number) +
        (weights[c + 2] as number) * (data[at + 2] as number);
    }
    out[o + x] = sum;
  }
}

/** Adds three rows, each times its weight, to `line`; `row` and `weight` are where the first of them lies. */
function addRows(
  line: Float64Array,
  rows: Float64Array,
  row: number,
  weights: Float64Array,
  weight: number,
): void {
  const width = line.length;
  const w0 = weights[weight] as number;
  const w1 = weights[weight + 1] as number;
  const w2 = weights[weight + 2] as number;
  const r1 = row + width;
  const r2 = r1 + width;
  for (let x = 0; x < width; x++) {
    line[x] =
      (line[x] as number) +
      w0 * (rows[row + x] as number) +
      w1 * (rows[r1 + x] as number) +
      w2 * (rows[r2 + x] as number);
  }
}

/** As `addRows`, but into `out` from `o` on, and widens `range`, [min, max], to what comes out. */
function finishRow(
  line: Float64Array,
  rows: Float64Array,
  row: number,
  weights: Float64Array,
  weight: number,
  out: Float32Array,
  o: number,
  range: Float64Array,
): void {
  const width = line.length;
  const w0 = weights[weight] as number;
  const w1 = weights[weight + 1] as number;
  const w2 = weights[weight + 2] as number;
  const r1 = row + width;
  const r2 = r1 + width;
  let min = range[0] as number;
  let max = range[1] as number;
  for (let x = 0; x < width; x++) {
    const value = Math.fround(
      (line[x] as number) +
        w0 * (rows[row + x] as number) +
        w1 * (rows[r1 + x] as number) +
        w2 * (rows[r2 + x] as number),
    );
    out[o + x] = value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  range[0] = min;
  range[1] = max;
}
