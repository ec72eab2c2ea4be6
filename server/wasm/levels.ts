/** Separable resampling of 8-bit levels in integers: weights are multiples of 2^-bits, and each pass is rounded to 8 bits. */

/**
 * Along the rows of RGB pixels: `length` outputs a row, of `counts` pixels each, from `firsts` on. A pixel is taken as four bytes, so that one
 * beyond the last is read.
 * @param weights `span` for each output
 * @param out rows of `3 * length` bytes
 */
export function levelColumns(
  source: usize,
  width: i32,
  height: i32,
  firsts: usize,
  counts: usize,
  weights: usize,
  span: i32,
  bits: i32,
  length: i32,
  out: usize,
): void {
  const half = i32x4.splat(1 << (bits - 1));
  const stride = <usize>(width * 3);
  const step = (<usize>span) << 2;
  for (let y = 0; y < height; y++) {
    let weight = weights;
    for (let x: usize = 0; x < <usize>length; x++) {
      let from = source + <usize>(load<i32>(firsts + (x << 2)) * 3);
      let at = weight;
      const end = at + ((<usize>load<i32>(counts + (x << 2))) << 2);
      let sum = half;
      for (; at < end; at += 4, from += 3) {
        const pixel = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(from)));
        sum = i32x4.add(sum, i32x4.mul(pixel, v128.load32_splat(at)));
      }
      const wide = i32x4.shr_s(sum, bits);
      const levels = i16x8.narrow_i32x4_s(wide, wide);
      v128.store32_lane(out, i8x16.narrow_i16x8_u(levels, levels), 0);
      out += 3;
      weight += step;
    }
    source += stride;
  }
}

/**
 * Down the columns: rows `from` to before `to` of the output, `stride` bytes each, 16 at a time.
 * @param source its first row is row `first` of what `firsts` counts
 */
export function levelRows(
  source: usize,
  first: i32,
  stride: i32,
  firsts: usize,
  counts: usize,
  weights: usize,
  span: i32,
  bits: i32,
  from: i32,
  to: i32,
  out: usize,
): void {
  const half = i32x4.splat(1 << (bits - 1));
  for (let y = <usize>from; y < <usize>to; y++) {
    const begin = source + <usize>((load<i32>(firsts + (y << 2)) - first) * stride);
    const weight = weights + ((y * <usize>span) << 2);
    const end = weight + ((<usize>load<i32>(counts + (y << 2))) << 2);
    for (let x: usize = 0; x < <usize>stride; x += 16) {
      let a = half;
      let b = half;
      let c = half;
      let d = half;
      let row = begin + x;
      for (let at = weight; at < end; at += 4, row += <usize>stride) {
        const times = v128.load32_splat(at);
        const all = v128.load(row);
        const low = i16x8.extend_low_i8x16_u(all);
        const high = i16x8.extend_high_i8x16_u(all);
        a = i32x4.add(a, i32x4.mul(i32x4.extend_low_i16x8_u(low), times));
        b = i32x4.add(b, i32x4.mul(i32x4.extend_high_i16x8_u(low), times));
        c = i32x4.add(c, i32x4.mul(i32x4.extend_low_i16x8_u(high), times));
        d = i32x4.add(d, i32x4.mul(i32x4.extend_high_i16x8_u(high), times));
      }
      const low = i16x8.narrow_i32x4_s(i32x4.shr_s(a, bits), i32x4.shr_s(b, bits));
      const high = i16x8.narrow_i32x4_s(i32x4.shr_s(c, bits), i32x4.shr_s(d, bits));
      v128.store(out + x, i8x16.narrow_i16x8_u(low, high));
    }
    out += <usize>stride;
  }
}
