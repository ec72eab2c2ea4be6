/**
 * PNG's filtered rows (specification, 9.2), type Average: each byte's difference to floor((left + above) / 2), left and
 * above being the same channel of the neighboring pixels. Maps become pixels on the way, while a row is in the cache.
 *
 * Every kernel takes the row above the first one at `above`, zeros where there is none, and leaves the last row there.
 */

const AVERAGE: u8 = 3;

function average(left: v128, above: v128): v128 {
  // avgr_u rounds up where the sum is odd.
  return i8x16.sub(i8x16.avgr_u(left, above), v128.and(v128.xor(left, above), i8x16.splat(1)));
}

/** Halves to the even neighbor, as OpenCV's addWeighted rounds. */
export function blend(a: v128, b: v128): v128 {
  const up = i8x16.avgr_u(a, b);
  return i8x16.sub(up, v128.and(v128.and(v128.xor(a, b), up), i8x16.splat(1)));
}

/** What lies one byte to the left, and three. */
function left1(before: v128, now: v128): v128 {
  return i8x16.shuffle(before, now, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
}

function left3(before: v128, now: v128): v128 {
  return i8x16.shuffle(before, now, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
}

/** 2^52: the low half of its sum with a whole number is that number. */
const WHOLE: f64 = 4503599627370496;

/** trunc((v - min) * scale) of four float32, which is not negative, in float64. */
function levels4(values: usize, min: v128, scale: v128): v128 {
  const v = v128.load(values);
  const low = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(v), min), scale);
  const high = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(v128.shuffle<f64>(v, v, 1, 1)), min), scale);
  const whole = f64x2.splat(WHOLE);
  return v128.shuffle<i32>(
    f64x2.add(f64x2.floor(low), whole),
    f64x2.add(f64x2.floor(high), whole),
    0,
    2,
    4,
    6,
  );
}

function levels16(values: usize, min: v128, scale: v128): v128 {
  const a = i16x8.narrow_i32x4_s(levels4(values, min, scale), levels4(values + 16, min, scale));
  const b = i16x8.narrow_i32x4_s(levels4(values + 32, min, scale), levels4(values + 48, min, scale));
  return i8x16.narrow_i16x8_u(a, b);
}

/** A map as palette levels, filtered. @param scale 255 over the map's range */
export function activation(
  map: usize,
  width: i32,
  height: i32,
  min: f64,
  scale: f64,
  above: usize,
  out: usize,
): void {
  const mins = f64x2.splat(min);
  const scales = f64x2.splat(scale);
  for (let y = 0; y < height; y++) {
    store<u8>(out++, AVERAGE);
    let before = i8x16.splat(0);
    for (let x: usize = 0; x < <usize>width; x += 16) {
      const now = levels16(map + (x << 2), mins, scales);
      const up = v128.load(above + x);
      v128.store(above + x, now);
      v128.store(out + x, i8x16.sub(now, average(left1(before, now), up)));
      before = now;
    }
    map += (<usize>width) << 2;
    out += <usize>width;
  }
}

/**
 * A map in colors, half and half over RGB pixels, filtered.
 * @param colors 256 colors of four bytes each, RGB and one that is not used
 * @param line room for one row of pixels
 */
export function overlay(
  map: usize,
  width: i32,
  height: i32,
  min: f64,
  scale: f64,
  picture: usize,
  colors: usize,
  line: usize,
  above: usize,
  out: usize,
): void {
  const mins = f64x2.splat(min);
  const scales = f64x2.splat(scale);
  const stride = <usize>width * 3;
  for (let y = 0; y < height; y++) {
    colorRow(map, width, mins, scales, colors, line);
    store<u8>(out++, AVERAGE);
    let before = i8x16.splat(0);
    for (let x: usize = 0; x < stride; x += 16) {
      const now = blend(v128.load(line + x), v128.load(picture + x));
      const up = v128.load(above + x);
      v128.store(above + x, now);
      v128.store(out + x, i8x16.sub(now, average(left3(before, now), up)));
      before = now;
    }
    map += (<usize>width) << 2;
    picture += stride;
    out += stride;
  }
}

/** The colors of one row of a map: each pixel's fourth byte is written over by the next. @param line also for the levels, meanwhile */
function colorRow(map: usize, width: i32, min: v128, scale: v128, colors: usize, line: usize): void {
  const levels = line + <usize>width * 3 + 64;
  for (let x: usize = 0; x < <usize>width; x += 16) {
    v128.store(levels + x, levels16(map + (x << 2), min, scale));
  }
  for (let x: usize = 0; x < <usize>width; x += 4) {
    const at = line + x * 3;
    store<u32>(at, load<u32>(colors + ((<usize>load<u8>(levels + x)) << 2)));
    store<u32>(at, load<u32>(colors + ((<usize>load<u8>(levels + x, 1)) << 2)), 3);
    store<u32>(at, load<u32>(colors + ((<usize>load<u8>(levels + x, 2)) << 2)), 6);
    store<u32>(at, load<u32>(colors + ((<usize>load<u8>(levels + x, 3)) << 2)), 9);
  }
}

/** Rows of single bytes. */
export function filterBytes(pixels: usize, width: i32, height: i32, above: usize, out: usize): void {
  for (let y = 0; y < height; y++) {
    store<u8>(out++, AVERAGE);
    let before = i8x16.splat(0);
    for (let x: usize = 0; x < <usize>width; x += 16) {
      const now = v128.load(pixels + x);
      const up = v128.load(above + x);
      v128.store(above + x, now);
      v128.store(out + x, i8x16.sub(now, average(left1(before, now), up)));
      before = now;
    }
    pixels += <usize>width;
    out += <usize>width;
  }
}

/** Rows of RGB pixels. */
export function filterRgb(pixels: usize, width: i32, height: i32, above: usize, out: usize): void {
  const stride = <usize>width * 3;
  for (let y = 0; y < height; y++) {
    store<u8>(out++, AVERAGE);
    let before = i8x16.splat(0);
    for (let x: usize = 0; x < stride; x += 16) {
      const now = v128.load(pixels + x);
      const up = v128.load(above + x);
      v128.store(above + x, now);
      v128.store(out + x, i8x16.sub(now, average(left3(before, now), up)));
      before = now;
    }
    pixels += stride;
    out += stride;
  }
}
