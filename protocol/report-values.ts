/** Numbers, places and names that several parts of report.json are made of. */

/** A number that may not be finite; JSON has no words for NaN and infinities, so they are spelled out. */
export type Real = number | 'NaN' | 'Infinity' | '-Infinity';

/** [x0, y0, x1, y1] in pixels of the input image, x1 and y1 exclusive. */
export type BoxReport = readonly [number, number, number, number];

/** [x, y] in pixels of the input image. */
export type PointReport = readonly [number, number];

/** Path of a picture or data file, relative to the report folder, with forward slashes. */
export type RelativePath = string;

export interface Moments {
  readonly mean: Real;
  /** Population standard deviation. */
  readonly std: Real;
}

export interface Range extends Moments {
  readonly min: Real;
  readonly max: Real;
}
