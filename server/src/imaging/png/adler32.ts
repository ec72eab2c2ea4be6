/** Adler-32 (RFC 1950, 8.2) of pieces that are put together. That of one piece is a kernel's. */

const MODULUS = 65521;

/** The checksum of two pieces one after the other. @param length of the second */
export function adlerOfBoth(first: number, second: number, length: number): number {
  const a = first & 0xffff;
  const b = first >>> 16;
  // The second piece's sums begin with a instead of 1: each of its b's addends is a - 1 larger.
  const sumA = (a + (second & 0xffff) + MODULUS - 1) % MODULUS;
  const sumB = (b + (second >>> 16) + (length % MODULUS) * (a + MODULUS - 1)) % MODULUS;
  return ((sumB << 16) | sumA) >>> 0;
}
