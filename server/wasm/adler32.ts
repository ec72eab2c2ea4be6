/** Adler-32, zlib's checksum (RFC 1950, 8.2). */

const MODULUS: u64 = 65521;

/** Vectors after which the lanes' sums are taken apart: no lane of 32 bits runs over before. */
const VECTORS: i32 = 256;

export function adler32(data: usize, length: i32): u32 {
  let a: u64 = 1;
  let b: u64 = 0;
  const near = i16x8(16, 15, 14, 13, 12, 11, 10, 9);
  const far = i16x8(8, 7, 6, 5, 4, 3, 2, 1);
  let left = length >> 4;
  while (left > 0) {
    const vectors = min(left, VECTORS);
    // With a0 and b0 before them: a = a0 + sum of d, b = b0 + 16 n a0 + 16 sum of earlier vectors' d + sum of (16 - i) d.
    let sum = i32x4.splat(0);
    let earlier = i32x4.splat(0);
    let weighted = i32x4.splat(0);
    for (let n = 0; n < vectors; n++) {
      const d = v128.load(data);
      earlier = i32x4.add(earlier, sum);
      sum = i32x4.add(sum, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(d)));
      weighted = i32x4.add(weighted, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(d), near));
      weighted = i32x4.add(weighted, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(d), far));
      data += 16;
    }
    b = (b + 16 * <u64>vectors * a + 16 * total(earlier) + total(weighted)) % MODULUS;
    a = (a + total(sum)) % MODULUS;
    left -= vectors;
  }
  for (let i = 0; i < (length & 15); i++) {
    a += load<u8>(data++);
    b += a;
  }
  return ((<u32>(b % MODULUS)) << 16) | <u32>(a % MODULUS);
}

function total(v: v128): u64 {
  return (
    <u64>(<u32>i32x4.extract_lane(v, 0)) +
    <u64>(<u32>i32x4.extract_lane(v, 1)) +
    <u64>(<u32>i32x4.extract_lane(v, 2)) +
    <u64>(<u32>i32x4.extract_lane(v, 3))
  );
}
