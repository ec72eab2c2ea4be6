/** Maps as pixels of a screen: RGBA. What lies outside the scale gets the color of its end. */
import { blend } from './scanlines';

/** 2^52: the low half of its sum with a whole number is that number. */
const WHOLE: f64 = 4503599627370496;

function within(v: v128): v128 {
  return f64x2.floor(f64x2.min(f64x2.max(v, f64x2.splat(0)), f64x2.splat(255)));
}

/** As `levels4` of scanlines.ts, between 0 and 255. */
function levels4(values: usize, min: v128, scale: v128): v128 {
  const v = v128.load(values);
  const low = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(v), min), scale);
  const high = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(v128.shuffle<f64>(v, v, 1, 1)), min), scale);
  const whole = f64x2.splat(WHOLE);
  return v128.shuffle<i32>(f64x2.add(within(low), whole), f64x2.add(within(high), whole), 0, 2, 4, 6);
}

function colors4(levels: v128, colors: usize): v128 {
  let four = v128.load32_zero(colors + ((<usize>i32x4.extract_lane(levels, 0)) << 2));
  four = v128.load32_lane(colors + ((<usize>i32x4.extract_lane(levels, 1)) << 2), four, 1);
  four = v128.load32_lane(colors + ((<usize>i32x4.extract_lane(levels, 2)) << 2), four, 2);
  return v128.load32_lane(colors + ((<usize>i32x4.extract_lane(levels, 3)) << 2), four, 3);
}

/**
 * A map in colors.
 * @param scale 255 over the range of the scale, which begins at `min`
 * @param colors 256 colors of four bytes each, RGBA
 */
export function colored(map: usize, count: i32, min: f64, scale: f64, colors: usize, out: usize): void {
  const mins = f64x2.splat(min);
  const scales = f64x2.splat(scale);
  for (let i: usize = 0; i < <usize>count; i += 4)
    v128.store(out + (i << 2), colors4(levels4(map + (i << 2), mins, scales), colors));
}

/** The same half and half over the pixels of a picture, RGBA. */
export function blended(
  map: usize,
  count: i32,
  min: f64,
  scale: f64,
  picture: usize,
  colors: usize,
  out: usize,
): void {
  const mins = f64x2.splat(min);
  const scales = f64x2.splat(scale);
  for (let i: usize = 0; i < <usize>count; i += 4) {
    const now = colors4(levels4(map + (i << 2), mins, scales), colors);
    v128.store(out + (i << 2), blend(now, v128.load(picture + (i << 2))));
  }
}
