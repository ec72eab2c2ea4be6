/** Weight standardization, arXiv 1903.10520, as timm's StdConv2d computes it (1.0.22): biased variance, the epsilon inside the root. */

/** (w - mean) / sqrt(var + epsilon) of each output channel's weights, which lie one after another. */
export function standardized(values: Float32Array, channels: number, epsilon: number): Float32Array {
  const out = new Float32Array(values.length);
  const count = values.length / channels;
  for (let start = 0; start < values.length; start += count) {
    const own = values.subarray(start, start + count);
    const mean = own.reduce((sum, value) => sum + value, 0) / count;
    const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    const scale = 1 / Math.sqrt(variance + epsilon);
    for (let i = 0; i < count; i++) out[start + i] = ((own[i] ?? 0) - mean) * scale;
  }
  return out;
}
