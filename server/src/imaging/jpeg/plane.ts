/** One channel of 8-bit samples. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  /** [y * width + x]. */
  readonly data: Uint8Array;
}

export const planeOf = (width: number, height: number): Plane => ({
  ...{ width, height },
  data: new Uint8Array(width * height),
});

const within = (i: number, length: number): number => Math.min(Math.max(i, 0), length - 1);

/** The nearest sample of a position that may lie outside. */
export const clampedAt = ({ width, height, data }: Plane, x: number, y: number): number =>
  data[within(y, height) * width + within(x, width)] as number;
