/**
 * OpenCV's nearest neighbor, bicubic and Lanczos interpolation, which never antialias. Source: OpenCV 4.12, modules/imgproc/src/resize.cpp
 * (`resizeNN`, `interpolateCubic`, `interpolateLanczos4`, `resizeGeneric_`).
 */
import { roundHalfEven } from '../round';
import type { PixelGrid } from './pixels';
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
  /** Of the 2 * reach samples, at a fraction of 0..1 behind the one in the middle. */
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
 * in integers. Both passes in integers, rounded once.
 */
export function resizeOpencv(
  source: PixelGrid,
  width: number,
  height: number,
  filter: 'bicubic' | 'lanczos',
): PixelGrid {
  const columns = inElevenBits(opencvTaps(source.width, width, filter));
  const rows = inElevenBits(opencvTaps(source.height, height, filter));
  const stride = width * source.channels;
  const stretched = new Map<number, Int32Array>();
  const data = new Uint8Array(stride * height);
  const sums = new Float64Array(stride);
  for (let y = 0; y < height; y++) {
    const first = rows.firsts[y] as number;
    for (const row of stretched.keys()) if (row < first) stretched.delete(row);
    sums.fill(2 ** (2 * BITS - 1));
    for (let k = 0; k < (rows.counts[y] as number); k++) {
      let row = stretched.get(first + k);
      if (row === undefined) stretched.set(first + k, (row = stretchedRow(source, first + k, columns)));
      addRow(row, rows.weights[y * rows.span + k] as number, sums);
    }
    levels(sums, data, y * stride);
  }
  return { width, height, channels: source.channels, data };
}

const inElevenBits = (taps: RealTaps): RealTaps => ({
  ...taps,
  weights: taps.weights.map((weight) => roundHalfEven(weight * 2 ** BITS)),
});

function stretchedRow(
  { data, width, channels }: PixelGrid,
  y: number,
  { length, span, firsts, counts, weights }: RealTaps,
): Int32Array {
  const out = new Int32Array(length * channels);
  for (let x = 0, at = 0; x < length; x++) {
    const start = (y * width + (firsts[x] as number)) * channels;
    for (let channel = 0; channel < channels; channel++, at++) {
      let sum = 0;
      for (let k = 0; k < (counts[x] as number); k++)
        sum += (data[start + k * channels + channel] as number) * (weights[x * span + k] as number);
      out[at] = sum;
    }
  }
  return out;
}

function addRow(row: Int32Array, weight: number, sums: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (row[i] as number) * weight;
}

function levels(sums: Float64Array, out: Uint8Array, start: number): void {
  for (let i = 0; i < sums.length; i++) {
    const level = (sums[i] as number) / 2 ** (2 * BITS);
    out[start + i] = level < 0 ? 0 : level > 255 ? 255 : level;
  }
}
