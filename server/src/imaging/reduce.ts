/**
 * Numbers of a whole plane: sum, extremes, deviations, in double precision.
 *
 * One loop a function and nothing after it but a return, here and wherever pixels are walked: V8 enters a long loop's
 * compiled code half-way, and what follows the loop and has not run yet then throws it out of that code, every time.
 */

export function sum(values: Float32Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] as number;
  return total;
}

/** Infinity where there are none. NaN is passed over. */
export function least(values: Float32Array): number {
  let min = Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < min) min = value;
  }
  return min;
}

/** -Infinity where there are none. NaN is passed over. */
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
