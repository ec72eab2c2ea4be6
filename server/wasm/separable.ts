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
 * (v - offset) / divisor in float64, two rows at a time: pair x is row 2p at x, row 2p + 1 at x. After an odd number of
 * rows the last one stands beside itself.
 */
export function pairs(values: usize, width: i32, height: i32, offset: f64, divisor: f64, out: usize): void {
  const offsets = f64x2.splat(offset);
  const divisors = f64x2.splat(divisor);
  const row = (<usize>width) << 2;
  for (let y = 0; y < height; y += 2) {
    const lower = y + 1 < height ? values + row : values;
    for (let x: usize = 0; x < <usize>width; x += 2) {
      const a = f64x2.div(
        f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(values + (x << 2))), offsets),
        divisors,
      );
      const b = f64x2.div(
        f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(lower + (x << 2))), offsets),
        divisors,
      );
      v128.store(out + (x << 4), v128.shuffle<f64>(a, b, 0, 2));
      v128.store(out + (x << 4), v128.shuffle<f64>(a, b, 1, 3), 16);
    }
    values += row << 1;
    out += (<usize>width) << 4;
  }
}

/**
 * Along the rows: `length` outputs a row, `span` inputs each, at `indices` and times `weights`, output by output.
 * @param source pairs of rows, `width` inputs each
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
  for (let y = 0; y < height; y += 2) {
    let tap: usize = 0;
    for (let x: usize = 0; x < stride; x += 8) {
      let sum = f64x2.splat(0);
      for (const end = tap + <usize>span; tap < end; tap++) {
        const at = source + ((<usize>load<i32>(indices + (tap << 2))) << 4);
        sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(weights + (tap << 3)), v128.load(at)));
      }
      v128.store64_lane(out + x, sum, 0);
      v128.store64_lane(out + x + stride, sum, 1);
    }
    source += (<usize>width) << 4;
    out += stride << 1;
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
