/** The maps that are painted. */

/** One real-valued plane (a map, a channel, wavelet coefficients): `data[y * width + x]`. */
export interface FloatMap {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}
