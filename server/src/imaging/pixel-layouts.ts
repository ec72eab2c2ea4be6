/**
 * Interleaved samples of other layouts as RGB: alpha dropped, CMYK inks mixed. Both write over what they read, since a second
 * buffer for 100 megapixels takes 300 MB.
 */

/** The first three of `channels` samples per pixel. */
export function dropAlpha(samples: Uint8Array, channels: number): Uint8Array {
  const pixels = samples.length / channels;
  for (let i = 1, s = channels, o = 3; i < pixels; i++, s += channels, o += 3) {
    samples[o] = samples[s] as number;
    samples[o + 1] = samples[s + 1] as number;
    samples[o + 2] = samples[s + 2] as number;
  }
  return samples.subarray(0, pixels * 3);
}

/**
 * CMYK (0 = no ink) of a JPEG to RGB, channel by channel, with what is not inked: c = 255 - C, k = 255 - K, and OpenCV's
 * `k - ((255 - c) * k >> 8)`.
 */
export function inksToRgb(samples: Uint8Array, channels: number): Uint8Array {
  const pixels = samples.length / channels;
  for (let i = 0, s = 0, o = 0; i < pixels; i++, s += channels, o += 3) {
    const k = 255 - (samples[s + 3] as number);
    for (let c = 0; c < 3; c++) samples[o + c] = k - (((samples[s + c] as number) * k) >> 8);
  }
  return samples.subarray(0, pixels * 3);
}
