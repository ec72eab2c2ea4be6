/** Interleaved samples of other layouts as RGB: alpha dropped, CMYK inks mixed, 16 bits narrowed. */

/** The first three of `channels` samples a pixel; `opaque` is false if the last of them is not always 255. */
export function dropAlpha(samples: Uint8Array, channels: number): { data: Uint8Array; opaque: boolean } {
  const pixels = samples.length / channels;
  const data = new Uint8Array(pixels * 3);
  let least = 255;
  for (let i = 0, s = 0, o = 0; i < pixels; i++, s += channels, o += 3) {
    data[o] = samples[s] as number;
    data[o + 1] = samples[s + 1] as number;
    data[o + 2] = samples[s + 2] as number;
    const alpha = samples[s + channels - 1] as number;
    if (alpha < least) least = alpha;
  }
  return { data, opaque: least === 255 };
}

/**
 * CMYK (0 = no ink) to RGB, channel by channel, with what is not inked: c = 255 - C, k = 255 - K.
 * JPEG: OpenCV's `k - ((255 - c) * k >> 8)`; TIFF: libtiff's `k * c / 255` truncated, through which OpenCV reads it.
 */
export function inksToRgb(samples: Uint8Array, channels: number, kind: 'jpeg' | 'tiff'): Uint8Array {
  const pixels = samples.length / channels;
  const data = new Uint8Array(pixels * 3);
  for (let i = 0, s = 0, o = 0; i < pixels; i++, s += channels, o += 3) {
    const k = 255 - (samples[s + 3] as number);
    for (let c = 0; c < 3; c++) {
      const ink = samples[s + c] as number;
      data[o + c] = kind === 'jpeg' ? k - ((ink * k) >> 8) : (k * (255 - ink)) / 255;
    }
  }
  return data;
}

/** 16-bit TIFF samples as 8 bits, rounded as libtiff does for OpenCV: (v + 128) / 257. Other formats shift by 8. */
export function narrowTiff(samples: Buffer): Uint8Array {
  const wide = new Uint16Array(samples.buffer, samples.byteOffset, samples.byteLength / 2);
  const data = new Uint8Array(wide.length);
  for (let i = 0; i < data.length; i++) data[i] = ((wide[i] as number) + 128) / 257;
  return data;
}
