/**
 * Numbers of a whole plane: sum, extremes, deviations, in double precision.
 *
 * One loop a function and nothing after it but a return, here and wherever pixels are walked: V8 enters the
 * compiled code of a long loop in the middle (on-stack replacement), and code after the loop that has not run
 * yet deoptimizes it, every time.
 */

export function sum(values: Float32Array): number {
  // Four sums at a time, since each addition waits for the previous one of the same sum.
  const fours = values.length & ~3;
  const rest = values.length === fours ? 0 : sumOfFew(values.subarray(fours));
  return rest + sumOfFours(values, fours);
}

function sumOfFours(values: Float32Array, end: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < end; i += 4) {
    a += values[i] as number;
    b += values[i + 1] as number;
    c += values[i + 2] as number;
    d += values[i + 3] as number;
  }
  return a + b + (c + d);
}

function sumOfFew(values: Float32Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] as number;
  return total;
}

/** Infinity where there are none. NaN is skipped. */
export function least(values: Float32Array): number {
  let min = Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < min) min = value;
  }
  return min;
}

/** -Infinity where there are none. NaN is skipped. */
export function greatest(values: Float32Array): number {
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value > max) max = value;
  }
  return max;
}

/** The sum of (v - mean)^2. */
export function squaredDeviations(values: Float32Array, mean: number): number {
  const fours = values.length & ~3;
  const rest = values.length === fours ? 0 : deviationsOfFew(values.subarray(fours), mean);
  return rest + deviationsOfFours(values, fours, mean);
}

function deviationsOfFours(values: Float32Array, end: number, mean: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < end; i += 4) {
    const p = (values[i] as number) - mean;
    const q = (values[i + 1] as number) - mean;
    const r = (values[i + 2] as number) - mean;
    const s = (values[i + 3] as number) - mean;
    a += p * p;
    b += q * q;
    c += r * r;
    d += s * s;
  }
  return a + b + (c + d);
}

function deviationsOfFew(values: Float32Array, mean: number): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const deviation = (values[i] as number) - mean;
    total += deviation * deviation;
  }
  return total;
}

/** How many are below 0. */
export function countNegative(values: Float32Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if ((values[i] as number) < 0) count++;
  return count;
}

/** (v - offset) / divisor of every value. */
export function divide(values: Float32Array, offset: number, divisor: number, out: Float32Array): void {
  for (let i = 0; i < values.length; i++) out[i] = ((values[i] as number) - offset) / divisor;
}
