/** The picture types every step exchanges. Row-major, origin at the top left. */

/** 8-bit RGB, interleaved: `data[(y * width + x) * 3 + channel]`. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** 8-bit single channel (masks): `data[y * width + x]`. */
export interface GrayImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export type { FloatMap } from '../../../painting/float-map';

/** A point in pixels; (0, 0) is the top left corner of the top left pixel. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** [x0, y0, x1, y1] in pixels, x1 and y1 exclusive. */
export type Box = readonly [x0: number, y0: number, x1: number, y1: number];
