/** A color picture as it is decoded. */

/** 8-bit RGB: `data[(y * width + x) * 3 + channel]`. */
export interface Interleaved {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}
