/** 8-bit pictures of any number of channels, which resampling takes and gives. */

/** Interleaved: `data[(y * width + x) * channels + channel]`. */
export interface PixelGrid {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}
