/** Adler-32, zlib's checksum (RFC 1950, 8.2); Node has none to call. */

const MODULUS = 65521;

/** So many bytes cannot take the second sum beyond 31 bits, which is where V8's integers end. */
const BYTES_A_BLOCK = 2800;

export function adler32(data: Uint8Array): number {
  const sums = Int32Array.of(1, 0);
  for (let i = 0; i < data.length; i += BYTES_A_BLOCK) {
    addBlock(data, i, Math.min(i + BYTES_A_BLOCK, data.length), sums);
  }
  const [a = 0, b = 0] = sums;
  return ((b << 16) | a) >>> 0;
}

/** b is the sum of all a; four bytes a step shorten the chain of additions that wait for each other. */
function addBlock(data: Uint8Array, from: number, to: number, sums: Int32Array): void {
  let a = sums[0] as number;
  let b = sums[1] as number;
  let i = from;
  for (; i + 3 < to; i += 4) {
    const p = data[i] as number;
    const q = data[i + 1] as number;
    const r = data[i + 2] as number;
    const s = data[i + 3] as number;
    b += 4 * a + 4 * p + 3 * q + 2 * r + s;
    a += p + q + r + s;
  }
  for (; i < to; i++) b += a += data[i] as number;
  sums[0] = a % MODULUS;
  sums[1] = b % MODULUS;
}

/** The checksum of two pieces one after the other. @param length of the second */
export function adlerOfBoth(first: number, second: number, length: number): number {
  const a = first & 0xffff;
  const b = first >>> 16;
  // The second piece's sums begin with a instead of 1: each of its b's addends is a - 1 larger.
  const sumA = (a + (second & 0xffff) + MODULUS - 1) % MODULUS;
  const sumB = (b + (second >>> 16) + (length % MODULUS) * (a + MODULUS - 1)) % MODULUS;
  return ((sumB << 16) | sumA) >>> 0;
}
