/** Values without a place as bars: at most a given number, each from the smallest to the largest of the values that it stands for. */

export interface BarOf {
  readonly low: number;
  readonly high: number;
}

export interface Bars {
  readonly bars: readonly BarOf[];
  /** Values that one bar stands for; the last may stand for fewer. */
  readonly each: number;
  /** Of all finite values, with zero. */
  readonly low: number;
  readonly high: number;
  readonly notFinite: number;
}

export function barsOf(values: Float32Array, most: number): Bars {
  const each = Math.max(1, Math.ceil(values.length / most));
  const bars: BarOf[] = [];
  let [low, high, notFinite] = [0, 0, 0];
  for (let from = 0; from < values.length; from += each) {
    let bar: BarOf | null = null;
    for (const value of values.subarray(from, from + each)) {
      if (!Number.isFinite(value)) notFinite++;
      else
        bar = bar
          ? { low: Math.min(bar.low, value), high: Math.max(bar.high, value) }
          : { low: value, high: value };
    }
    // One value is drawn from zero; several as far as they reach, and zero with them.
    const drawn = { low: Math.min(bar?.low ?? 0, 0), high: Math.max(bar?.high ?? 0, 0) };
    bars.push(drawn);
    low = Math.min(low, drawn.low);
    high = Math.max(high, drawn.high);
  }
  return { bars, each, low, high, notFinite };
}
