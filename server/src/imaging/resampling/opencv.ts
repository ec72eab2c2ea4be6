/**
 * OpenCV's nearest neighbor, bicubic and Lanczos interpolation, which never antialias. Source: OpenCV 4.12, modules/imgproc/src/resize.cpp
 * (`resizeNN`, `interpolateCubic`, `interpolateLanczos4`, `resizeGeneric_`).
 */
import { roundHalfEven } from '../../round';
import type { PixelGrid } from './pixels';
import { resampleReal } from './real-valued';
import type { RealTaps } from './taps';
import { clamped } from './taps';

const { fround } = Math;

/** INTER_RESIZE_COEF_BITS: weights at 8 bits are multiples of 1/2048, and both passes are rounded together. */
const BITS = 11;

/** The sample at floor(i * scale). */
export function opencvNearest(sourceLength: number, length: number): Int32Array {
  const scale = 1 / (length / sourceLength);
  return Int32Array.from({ length }, (_, i) => Math.min(Math.floor(i * scale), sourceLength - 1));
}

/**
 * Samples beyond the ends are the first or the last one. Positions are float32 at 8 bits; of float32 planes OpenCV's x86 packages hand bilinear
 * and bicubic to Intel's IPP, where they are exact.
 */
export function opencvTaps(
  sourceLength: number,
  length: number,
  filter: 'bilinear' | 'bicubic' | 'lanczos',
  ofPlanes = false,
): RealTaps {
  const round = ofPlanes && filter !== 'lanczos' ? exactly : fround;
  const scale = 1 / (length / sourceLength);
  const { reach, weights } = { bilinear: LINEAR, bicubic: CUBIC, lanczos: LANCZOS4 }[filter];
  return clamped(sourceLength, length, 2 * reach, (i) => {
    const position = round((i + 0.5) * scale - 0.5);
    const index = Math.floor(position);
    return { first: index - reach + 1, weights: weights(round(position - index)) };
  });
}

const exactly = (value: number): number => value;

interface Interpolation {
  /** Samples on each side. */
  readonly reach: number;
  /** Of the 2 * reach samples, at a fraction of 0..1 after the one in the middle. */
  readonly weights: (fraction: number) => readonly number[];
}

const LINEAR: Interpolation = { reach: 1, weights: (x) => [fround(1 - x), x] };

/** Cubic convolution with a = -0.75. */
const CUBIC: Interpolation = {
  reach: 2,
  weights: (x) => {
    const a = -0.75;
    const near = (d: number): number => fround(((a + 2) * d - (a + 3)) * d * d + 1);
    const first = fround(((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a);
    const [second, third] = [near(x), near(1 - x)];
    return [first, second, third, fround(1 - first - second - third)];
  },
};

/** sin(pi x) sin(pi x / 4) over eight samples, by the addition theorem, made to add up to 1. */
const LANCZOS4: Interpolation = {
  reach: 4,
  weights: (x) => {
    const s = Math.SQRT1_2;
    const turns = [
      [1, 0],
      [-s, -s],
      [0, 1],
      [s, -s],
      [-1, 0],
      [s, s],
      [0, -1],
      [-s, s],
    ] as const;
    const angle = -(x + 3) * Math.PI * 0.25;
    const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
    const raw = turns.map(([a, b], k) => {
      const distance = fround(x + 3 - k);
      const y = -distance * Math.PI * 0.25;
      return Math.abs(distance) >= 1e-6 ? fround((a * sine + b * cosine) / (y * y)) : 1e30;
    });
    const total = raw.reduce((sum, weight) => fround(sum + weight), 0);
    return raw.map((weight) => fround(weight * fround(1 / total)));
  },
};

/**
 * `cv2.resize` on 8 bits: within one level, as OpenCV's vector instructions round its bicubic sums in float32 where the rest of a row is rounded
 * in integers. Sums of integers, which float32 and float64 hold exactly here; both passes are rounded together.
 */
export function resizeOpencv(
  source: PixelGrid,
  width: number,
  height: number,
  filter: 'bicubic' | 'lanczos',
): PixelGrid {
  const columns = inElevenBits(opencvTaps(source.width, width, filter));
  const rows = inElevenBits(opencvTaps(source.height, height, filter));
  return resampleReal(source, columns, rows, (sum) => Math.floor(sum / 2 ** (2 * BITS) + 0.5));
}

const inElevenBits = (taps: RealTaps): RealTaps => ({
  ...taps,
  weights: taps.weights.map((weight) => roundHalfEven(weight * 2 ** BITS)),
});
