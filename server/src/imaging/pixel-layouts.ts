/** Interleaved samples of other layouts as RGB: alpha dropped, CMYK inks mixed. */

/** The first three of `channels` samples a pixel. */
export function dropAlpha(samples: Uint8Array, channels: number): Uint8Array {
  const pixels = samples.length / channels;
  const data = new Uint8Array(pixels * 3);
  for (let i = 0, s = 0, o = 0; i < pixels; i++, s += channels, o += 3) {
    data[o] = samples[s] as number;
    data[o + 1] = samples[s + 1] as number;
    data[o + 2] = samples[s + 2] as number;
  }
  return data;
}

/**
 * CMYK (0 = no ink) of a JPEG to RGB, channel by channel, with what is not inked: c = 255 - C, k = 255 - K, and OpenCV's
 * `k - ((255 - c) * k >> 8)`.
 */
export function inksToRgb(samples: Uint8Array, channels: number): Uint8Array {
  const pixels = samples.length / channels;
  const data = new Uint8Array(pixels * 3);
  for (let i = 0, s = 0, o = 0; i < pixels; i++, s += channels, o += 3) {
    const k = 255 - (samples[s + 3] as number);
    for (let c = 0; c < 3; c++) data[o + c] = k - (((samples[s + c] as number) * k) >> 8);
  }
  return data;
}
