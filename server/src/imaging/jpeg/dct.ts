/** The accurate integer DCT of libjpeg (jfdctint.c, jidctint.c) and its rounding: what a block is after it has been quantized. */

/** Fraction bits of the constants, and of values between the two passes. */
const [CONST, PASS] = [13, 2];

const fix = (x: number): number => Math.round(x * 2 ** CONST);

const F = {
  a298: fix(0.298631336),
  a390: fix(0.390180644),
  a541: fix(0.5411961),
  a765: fix(0.765366865),
  a899: fix(0.899976223),
  a1175: fix(1.175875602),
  a1501: fix(1.50132111),
  a1847: fix(1.847759065),
  a1961: fix(1.96157056),
  a2053: fix(2.053119869),
  a2562: fix(2.562915447),
  a3072: fix(3.072711026),
} as const;

/** Divided by 2^bits, halves up. */
const down = (x: number, bits: number): number => (x + (1 << (bits - 1))) >> bits;

/** Eight values, `step` apart. @param first of two passes: what it makes keeps two more bits */
function forward(d: Int32Array, at: number, step: number, first: boolean): void {
  const v = (i: number): number => d[at + i * step] as number;
  const bits = first ? CONST - PASS : CONST + PASS;
  const [s0, s1, s2, s3] = [v(0) + v(7), v(1) + v(6), v(2) + v(5), v(3) + v(4)];
  const [d0, d1, d2, d3] = [v(0) - v(7), v(1) - v(6), v(2) - v(5), v(3) - v(4)];
  const [e0, e3, e1, e2] = [s0 + s3, s0 - s3, s1 + s2, s1 - s2];
  const put = (i: number, value: number): void => {
    d[at + i * step] = value;
  };
  put(0, first ? (e0 + e1) << PASS : down(e0 + e1, PASS));
  put(4, first ? (e0 - e1) << PASS : down(e0 - e1, PASS));
  const z = (e2 + e3) * F.a541;
  put(2, down(z + e3 * F.a765, bits));
  put(6, down(z - e2 * F.a1847, bits));
  const z5 = (d3 + d1 + d2 + d0) * F.a1175;
  const z1 = -(d3 + d0) * F.a899;
  const z2 = -(d2 + d1) * F.a2562;
  const z3 = z5 - (d3 + d1) * F.a1961;
  const z4 = z5 - (d2 + d0) * F.a390;
  put(7, down(d3 * F.a298 + z1 + z3, bits));
  put(5, down(d2 * F.a2053 + z2 + z4, bits));
  put(3, down(d1 * F.a3072 + z2 + z3, bits));
  put(1, down(d0 * F.a1501 + z1 + z4, bits));
}

/** The way back. @param first of two passes */
function inverse(d: Int32Array, at: number, step: number, first: boolean): void {
  const v = (i: number): number => d[at + i * step] as number;
  const bits = first ? CONST - PASS : CONST + PASS + 3;
  const z = (v(2) + v(6)) * F.a541;
  const [t2, t3] = [z - v(6) * F.a1847, z + v(2) * F.a765];
  const [t0, t1] = [(v(0) + v(4)) << CONST, (v(0) - v(4)) << CONST];
  const [e0, e3, e1, e2] = [t0 + t3, t0 - t3, t1 + t2, t1 - t2];
  const [a, b, c, e] = [v(7), v(5), v(3), v(1)];
  const z5 = (a + c + b + e) * F.a1175;
  const z1 = -(a + e) * F.a899;
  const z2 = -(b + c) * F.a2562;
  const z3 = z5 - (a + c) * F.a1961;
  const z4 = z5 - (b + e) * F.a390;
  const odd = [
    a * F.a298 + z1 + z3,
    b * F.a2053 + z2 + z4,
    c * F.a3072 + z2 + z3,
    e * F.a1501 + z1 + z4,
  ] as const;
  const put = (i: number, value: number): void => {
    d[at + i * step] = down(value, bits);
  };
  put(0, e0 + odd[3]);
  put(7, e0 - odd[3]);
  put(1, e1 + odd[2]);
  put(6, e1 - odd[2]);
  put(2, e2 + odd[1]);
  put(5, e2 - odd[1]);
  put(3, e3 + odd[0]);
  put(4, e3 - odd[0]);
}

const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/** Rounded to whole steps of `step`, halves away from zero; the forward DCT makes values that are 8 times as large. */
function quantized(value: number, step: number): number {
  const size = Math.floor((Math.abs(value) + 4 * step) / (8 * step)) * step;
  return value < 0 ? -size : size;
}

/**
 * One block of 8 x 8 samples, minus 128, becomes what a decoder makes of it.
 * @param block row by row; overwritten
 * @param table 64 steps in the same order
 */
export function requantize(block: Int32Array, table: Uint8Array): void {
  for (const i of EIGHT) forward(block, 8 * i, 1, true);
  for (const i of EIGHT) forward(block, i, 8, false);
  for (let i = 0; i < 64; i++) block[i] = quantized(block[i] as number, table[i] as number);
  for (const i of EIGHT) inverse(block, i, 8, true);
  for (const i of EIGHT) inverse(block, 8 * i, 1, false);
}
