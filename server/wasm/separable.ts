/**
 * Separable linear maps of planes: every output is a weighted sum of `span` inputs, along the rows first, then down the
 * columns. Resampling, blurring and the wavelet transform are such maps. Sums in float64, in the order of the weights,
 * rounded to float32 once.
 */

/** Negative values to 0, in place: ReLU. NaN stays. */
export function rectify(values: usize, count: i32): void {
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < <usize>count; i += 4) {
    const at = values + (i << 2);
    v128.store(at, f32x4.pmax(v128.load(at), zero));
  }
}

/** Least and greatest of `count` float32 values as two float64 at `out`. False if one is not finite, or there is none. */
export function extremes(values: usize, count: i32, out: usize): bool {
  let min = f32x4.splat(Infinity);
  let max = f32x4.splat(-Infinity);
  // v - v is 0 unless v is NaN or infinite.
  let odd = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const v = v128.load(values + ((<usize>i) << 2));
    min = f32x4.pmin(min, v);
    max = f32x4.pmax(max, v);
    odd = v128.or(odd, f32x4.sub(v, v));
  }
  for (; i < count; i++) {
    const v = v128.load32_splat(values + ((<usize>i) << 2));
    min = f32x4.pmin(min, v);
    max = f32x4.pmax(max, v);
    odd = v128.or(odd, f32x4.sub(v, v));
  }
  store<f64>(out, <f64>least(min));
  store<f64>(out, <f64>greatest(max), 8);
  return count > 0 && !v128.any_true(odd);
}

/** The sums of v - origin and of (v - origin)^2 of `count` float32 values, in float64, as two float64 at `out`. */
export function moments(values: usize, count: i32, origin: f64, out: usize): void {
  const middle = f64x2.splat(origin);
  let sums = f64x2.splat(0);
  let squares = f64x2.splat(0);
  let moreSums = f64x2.splat(0);
  let moreSquares = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const v = v128.load(values + ((<usize>i) << 2));
    const a = f64x2.sub(f64x2.promote_low_f32x4(v), middle);
    const b = f64x2.sub(f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3)), middle);
    sums = f64x2.add(sums, a);
    moreSums = f64x2.add(moreSums, b);
    squares = f64x2.add(squares, f64x2.mul(a, a));
    moreSquares = f64x2.add(moreSquares, f64x2.mul(b, b));
  }
  sums = f64x2.add(sums, moreSums);
  squares = f64x2.add(squares, moreSquares);
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  let square = f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1);
  for (; i < count; i++) {
    const deviation = <f64>load<f32>(values + ((<usize>i) << 2)) - origin;
    sum += deviation;
    square += deviation * deviation;
  }
  store<f64>(out, sum);
  store<f64>(out, square, 8);
}

function least(v: v128): f32 {
  return min<f32>(
    min<f32>(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    min<f32>(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

function greatest(v: v128): f32 {
  return max<f32>(
    max<f32>(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max<f32>(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

/**
 * (v - offset) / divisor in float64, eight rows beside each other: at 64 bytes times x stand rows 8n to 8n + 7 at x. Beyond the
 * last row that one is repeated.
 */
export function eights(values: usize, width: i32, height: i32, offset: f64, divisor: f64, out: usize): void {
  const offsets = f64x2.splat(offset);
  const divisors = f64x2.splat(divisor);
  const row = (<usize>width) << 2;
  const last = values + row * <usize>(height - 1);
  for (; values <= last; values += row << 3) {
    for (let pair: usize = 0; pair < 4; pair++) {
      const upper = min(values + row * (2 * pair), last);
      const lower = min(upper + row, last);
      for (let x: usize = 0; x < <usize>width; x += 2) {
        const a = f64x2.promote_low_f32x4(v128.load64_zero(upper + (x << 2)));
        const b = f64x2.promote_low_f32x4(v128.load64_zero(lower + (x << 2)));
        const c = f64x2.div(f64x2.sub(a, offsets), divisors);
        const d = f64x2.div(f64x2.sub(b, offsets), divisors);
        const to = out + (x << 6) + (pair << 4);
        v128.store(to, v128.shuffle<f64>(c, d, 0, 2));
        v128.store(to, v128.shuffle<f64>(c, d, 1, 3), 64);
      }
    }
    out += (<usize>width) << 6;
  }
}

/**
 * Along the rows: `length` outputs a row, `span` inputs each, at `indices` and times `weights`, output by output.
 * @param source eight rows beside each other, `width` inputs each
 * @param out float64, row by row
 */
export function columns(
  source: usize,
  width: i32,
  height: i32,
  indices: usize,
  weights: usize,
  span: i32,
  length: i32,
  out: usize,
): void {
  const stride = (<usize>length) << 3;
  for (let y = 0; y < height; y += 8) {
    let tap: usize = 0;
    for (let x: usize = 0; x < stride; x += 8) {
      let a = f64x2.splat(0);
      let b = f64x2.splat(0);
      let c = f64x2.splat(0);
      let d = f64x2.splat(0);
      for (const end = tap + <usize>span; tap < end; tap++) {
        const at = source + ((<usize>load<i32>(indices + (tap << 2))) << 6);
        const weight = v128.load64_splat(weights + (tap << 3));
        a = f64x2.add(a, f64x2.mul(weight, v128.load(at)));
        b = f64x2.add(b, f64x2.mul(weight, v128.load(at, 16)));
        c = f64x2.add(c, f64x2.mul(weight, v128.load(at, 32)));
        d = f64x2.add(d, f64x2.mul(weight, v128.load(at, 48)));
      }
      const to = out + x;
      v128.store64_lane(to, a, 0);
      v128.store64_lane(to + stride, a, 1);
      v128.store64_lane(to + stride * 2, b, 0);
      v128.store64_lane(to + stride * 3, b, 1);
      v128.store64_lane(to + stride * 4, c, 0);
      v128.store64_lane(to + stride * 5, c, 1);
      v128.store64_lane(to + stride * 6, d, 0);
      v128.store64_lane(to + stride * 7, d, 1);
    }
    source += (<usize>width) << 6;
    out += stride << 3;
  }
}

/**
 * Down the columns: `height` rows of `width` float32, each the sum of `span` rows of the source; 16 columns at a time.
 * @param stride inputs a row of the source, a multiple of 16; those from `width` on repeat the last one
 * @param range least and greatest output, two float64
 */
export function rows(
  source: usize,
  stride: i32,
  indices: usize,
  weights: usize,
  span: i32,
  width: i32,
  height: i32,
  out: usize,
  range: usize,
): void {
  let min = f32x4.splat(Infinity);
  let max = f32x4.splat(-Infinity);
  const step = (<usize>stride) << 3;
  for (let y = 0; y < height; y++) {
    for (let x: usize = 0; x < <usize>width; x += 16) {
      let s0 = f64x2.splat(0);
      let s1 = f64x2.splat(0);
      let s2 = f64x2.splat(0);
      let s3 = f64x2.splat(0);
      let s4 = f64x2.splat(0);
      let s5 = f64x2.splat(0);
      let s6 = f64x2.splat(0);
      let s7 = f64x2.splat(0);
      const column = source + (x << 3);
      for (let k: usize = 0; k < <usize>span; k++) {
        const weight = v128.load64_splat(weights + (k << 3));
        const at = column + <usize>load<i32>(indices + (k << 2)) * step;
        s0 = f64x2.add(s0, f64x2.mul(weight, v128.load(at)));
        s1 = f64x2.add(s1, f64x2.mul(weight, v128.load(at, 16)));
        s2 = f64x2.add(s2, f64x2.mul(weight, v128.load(at, 32)));
        s3 = f64x2.add(s3, f64x2.mul(weight, v128.load(at, 48)));
        s4 = f64x2.add(s4, f64x2.mul(weight, v128.load(at, 64)));
        s5 = f64x2.add(s5, f64x2.mul(weight, v128.load(at, 80)));
        s6 = f64x2.add(s6, f64x2.mul(weight, v128.load(at, 96)));
        s7 = f64x2.add(s7, f64x2.mul(weight, v128.load(at, 112)));
      }
      const a = narrow(s0, s1);
      const b = narrow(s2, s3);
      const c = narrow(s4, s5);
      const d = narrow(s6, s7);
      const to = out + (x << 2);
      v128.store(to, a);
      v128.store(to, b, 16);
      v128.store(to, c, 32);
      v128.store(to, d, 48);
      min = f32x4.pmin(f32x4.pmin(min, f32x4.pmin(a, b)), f32x4.pmin(c, d));
      max = f32x4.pmax(f32x4.pmax(max, f32x4.pmax(a, b)), f32x4.pmax(c, d));
    }
    indices += (<usize>span) << 2;
    weights += (<usize>span) << 3;
    out += (<usize>width) << 2;
  }
  store<f64>(range, <f64>least(min));
  store<f64>(range, <f64>greatest(max), 8);
}

/** Two and two float64 as four float32. */
function narrow(low: v128, high: v128): v128 {
  return v128.shuffle<f64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}
