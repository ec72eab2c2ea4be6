/** From rows of RGB to a few gray columns: what a picture's difference hash is made of (server/src/evaluation/duplicates/dhash.ts). */

/**
 * Pillow's convert("L") of `count` RGB pixels: (19595 R + 38470 G + 7471 B + 32768) >> 16, ITU-R 601 with 16 bits; 16 pixels at a time.
 */
function gray(rgb: usize, count: i32, out: usize): void {
  for (let i: usize = 0; i < <usize>count; i += 16) {
    const at = rgb + i * 3;
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const ab0 = v128.shuffle<u8>(a, b, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0);
    const ab1 = v128.shuffle<u8>(a, b, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0);
    const ab2 = v128.shuffle<u8>(a, b, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0);
    const red = v128.shuffle<u8>(ab0, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29);
    const green = v128.shuffle<u8>(ab1, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30);
    const blue = v128.shuffle<u8>(ab2, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31);
    const low = eightLevels(
      i16x8.extend_low_i8x16_u(red),
      i16x8.extend_low_i8x16_u(green),
      i16x8.extend_low_i8x16_u(blue),
    );
    const high = eightLevels(
      i16x8.extend_high_i8x16_u(red),
      i16x8.extend_high_i8x16_u(green),
      i16x8.extend_high_i8x16_u(blue),
    );
    v128.store(out + i, i8x16.narrow_i16x8_u(low, high));
  }
}

function eightLevels(red: v128, green: v128, blue: v128): v128 {
  const r = i16x8.splat(19595);
  const g = i16x8.splat(<i16>38470); // unsigned
  const b = i16x8.splat(7471);
  const half = i32x4.splat(32768);
  const low = i32x4.add(
    i32x4.add(i32x4.extmul_low_i16x8_u(red, r), i32x4.extmul_low_i16x8_u(green, g)),
    i32x4.add(i32x4.extmul_low_i16x8_u(blue, b), half),
  );
  const high = i32x4.add(
    i32x4.add(i32x4.extmul_high_i16x8_u(red, r), i32x4.extmul_high_i16x8_u(green, g)),
    i32x4.add(i32x4.extmul_high_i16x8_u(blue, b), half),
  );
  return i16x8.narrow_i32x4_u(i32x4.shr_u(low, 16), i32x4.shr_u(high, 16));
}

/** The sum of `span` levels times their weights, in 32 bits; 16 at a time. */
function weighted(levels: usize, weights: usize, span: i32): i32 {
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  let d = i32x4.splat(0);
  for (let k: usize = 0; k < <usize>span; k += 16) {
    const all = v128.load(levels + k);
    const low = i16x8.extend_low_i8x16_u(all);
    const high = i16x8.extend_high_i8x16_u(all);
    const at = weights + (k << 2);
    a = i32x4.add(a, i32x4.mul(i32x4.extend_low_i16x8_u(low), v128.load(at)));
    b = i32x4.add(b, i32x4.mul(i32x4.extend_high_i16x8_u(low), v128.load(at, 16)));
    c = i32x4.add(c, i32x4.mul(i32x4.extend_low_i16x8_u(high), v128.load(at, 32)));
    d = i32x4.add(d, i32x4.mul(i32x4.extend_high_i16x8_u(high), v128.load(at, 48)));
  }
  const sum = i32x4.add(i32x4.add(a, b), i32x4.add(c, d));
  return (
    i32x4.extract_lane(sum, 0) +
    i32x4.extract_lane(sum, 1) +
    i32x4.extract_lane(sum, 2) +
    i32x4.extract_lane(sum, 3)
  );
}

/**
 * Each row in gray, then `length` sums along it, of levels from `firsts` on, with weights that are multiples of 2^-bits, each rounded to 8 bits.
 * @param span weights of a sum, a multiple of 16; those that are too many are 0
 * @param line room for one row of gray, and `span` bytes behind it
 * @param out `length` bytes per row
 */
export function grayColumns(
  rgb: usize,
  width: i32,
  height: i32,
  firsts: usize,
  weights: usize,
  span: i32,
  length: i32,
  bits: i32,
  line: usize,
  out: usize,
): void {
  const half = 1 << (bits - 1);
  for (let y = 0; y < height; y++) {
    gray(rgb, width, line);
    for (let x = 0; x < length; x++) {
      const from = line + <usize>load<i32>(firsts + ((<usize>x) << 2));
      const sum = half + weighted(from, weights + ((<usize>(x * span)) << 2), span);
      store<u8>(out++, <u8>min<i32>(max<i32>(sum >> bits, 0), 255));
    }
    rgb += <usize>(width * 3);
  }
}
