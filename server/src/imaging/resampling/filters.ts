/** Resampling filters as Pillow and torch define them: weight by distance in samples, 0 beyond the support. */

export interface Filter {
  /** Samples on each side of the center that have a weight. */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

const { fround } = Math;

/** Cubic convolution (R. Keys, 1981); `a` is -0.5 in Pillow and torch's antialiasing, -0.75 in OpenCV and torch without. */
const cubic = (a: number): Filter => ({
  support: 2,
  weight: (distance) => {
    const x = Math.abs(distance);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  },
});

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Pillow's: half open, so that a sample between two outputs counts for one. */
export const BOX: Filter = { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) };
export const TRIANGLE: Filter = {
  support: 1,
  weight: (distance) => Math.max(1 - Math.abs(distance), 0),
};
/** Pillow's, whose constants are float32. */
export const HAMMING: Filter = {
  support: 1,
  weight: (x) => (Math.abs(x) < 1 ? sinc(x) * (fround(0.54) + fround(0.46) * Math.cos(Math.PI * x)) : 0),
};
export const CUBIC: Filter = cubic(-0.5);
export const LANCZOS: Filter = { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) };
