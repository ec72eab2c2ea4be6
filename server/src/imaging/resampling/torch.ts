/**
 * torch's `interpolate(..., align_corners=False)` on a CPU, as torchvision calls it: in float32, or with weights of 15 bits and more on 8-bit pixels.
 * Source: torch 2.9, aten/src/ATen/native/cpu/UpSampleKernel.cpp (`HelperInterpBase`, `_compute_index_ranges_int16_weights`).
 */
import { roundHalfEven } from '../../round';
import type { Kernels } from '../kernels';
import { resampleFixed } from './fixed-point';
import type { PixelGrid } from './pixels';
import { resampleReal } from './real-valued';
import type { FixedTaps, RealTaps } from './taps';
import { clamped, fixed } from './taps';

export type TorchFilter = 'bilinear' | 'bicubic';

const { fround } = Math;
const asDouble = (value: number): number => value;

/** a of the cubic convolution: that of Pillow where it antialiases, else OpenCV's. */
const cubicA = (antialias: boolean): number => (antialias ? -0.5 : -0.75);

function filterOf(filter: TorchFilter, antialias: boolean): (distance: number) => number {
  if (filter === 'bilinear') return (distance) => Math.max(1 - Math.abs(distance), 0);
  const a = cubicA(antialias);
  return (distance) => {
    const x = Math.abs(distance);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
  };
}

/** @param round of scale and position: float32 in the float path, float64 in that of 8 bits */
export function torchTaps(
  sourceLength: number,
  length: number,
  filter: TorchFilter,
  antialias: boolean,
  round: (value: number) => number = fround,
): RealTaps {
  const weight = filterOf(filter, antialias);
  const scale = round(sourceLength / length);
  const reach = filter === 'bilinear' ? 1 : 2;
  return antialias
    ? antialiased(sourceLength, length, scale, reach, weight, round)
    : interpolated(sourceLength, length, scale, reach, weight, round);
}

/** The filter widened by the shrinkage; weights add up to 1. */
function antialiased(
  sourceLength: number,
  length: number,
  scale: number,
  reach: number,
  weight: (distance: number) => number,
  round: (value: number) => number,
): RealTaps {
  const support = round(scale >= 1 ? reach * scale : reach);
  const inverse = scale >= 1 ? round(1 / scale) : 1;
  const span = Math.ceil(support) * 2 + 1;
  const firsts = new Int32Array(length);
  const counts = new Int32Array(length);
  const weights = new Float64Array(length * span);
  for (let i = 0; i < length; i++) {
    const center = round(scale * (i + 0.5));
    const first = Math.max(Math.trunc(round(center - support) + 0.5), 0);
    const count = Math.min(Math.trunc(round(center + support) + 0.5), sourceLength) - first;
    let total = 0;
    for (let k = 0; k < count; k++) {
      const w = round(weight(round((round(k + first - center) + 0.5) * inverse)));
      weights[i * span + k] = w;
      total = round(total + w);
    }
    for (let k = 0; k < count; k++) weights[i * span + k] = round((weights[i * span + k] as number) / total);
    firsts[i] = first;
    counts[i] = count;
  }
  return { length, span, firsts, counts, weights };
}

/** Two or four samples around the position, whatever the scale. */
function interpolated(
  sourceLength: number,
  length: number,
  scale: number,
  reach: number,
  weight: (distance: number) => number,
  round: (value: number) => number,
): RealTaps {
  return clamped(sourceLength, length, 2 * reach, (i) => {
    const position = round(round(scale * round(i + 0.5)) - 0.5);
    // Bilinear positions before the first sample are on it; bicubic ones interpolate toward its repetition.
    const source = reach === 1 ? Math.max(position, 0) : position;
    const index = Math.min(Math.floor(source), sourceLength - 1);
    const fraction = Math.min(Math.max(round(source - index), 0), 1);
    const first = index - reach + 1;
    return {
      first,
      weights: Array.from({ length: 2 * reach }, (_, k) => round(weight(k - reach + 1 - fraction))),
    };
  });
}

/** The most bits with which the greatest weight still fits 16 bits with its sign: `weights_precision`. */
function inSixteenBits(taps: RealTaps): FixedTaps {
  const greatest = taps.weights.reduce((a, b) => Math.max(a, b), 0);
  let bits = 0;
  while (bits < 22 && Math.trunc(0.5 + greatest * 2 ** (bits + 1)) < 2 ** 15) bits++;
  return fixed(taps, bits);
}

/** torch's own kernel for 8-bit pixels, to the last bit. An axis that keeps its length is left as it is. */
export function resizeTorchUint8(
  source: PixelGrid,
  width: number,
  height: number,
  filter: TorchFilter,
  antialias: boolean,
  kernels: Kernels | null = null,
): PixelGrid {
  const taps = (from: number, to: number): FixedTaps | null =>
    from === to ? null : inSixteenBits(torchTaps(from, to, filter, antialias, asDouble));
  return resampleFixed(source, taps(source.width, width), taps(source.height, height), kernels);
}

/** As torchvision's transforms do it on 8 bits: cast to float32, resized, rounded (halves to even), cut off at 0 and 255. Within one level. */
export const resizeTorchFloat = (
  source: PixelGrid,
  width: number,
  height: number,
  filter: TorchFilter,
  antialias: boolean,
): PixelGrid =>
  resampleReal(
    source,
    torchTaps(source.width, width, filter, antialias),
    torchTaps(source.height, height, filter, antialias),
    roundHalfEven,
  );

/** `nearest` (not `nearest-exact`): floor(i * scale), the scale a float32. */
export function torchNearest(sourceLength: number, length: number): Int32Array {
  const scale = fround(sourceLength / length);
  return Int32Array.from({ length }, (_, i) =>
    length === 2 * sourceLength ? i >> 1 : Math.min(Math.floor(fround(i * scale)), sourceLength - 1),
  );
}

/** `nearest-exact`: floor((i + 1/2) * scale), the scale and the position float32; also on 8-bit pixels. */
export function torchNearestExact(sourceLength: number, length: number): Int32Array {
  const scale = fround(sourceLength / length);
  return Int32Array.from({ length }, (_, i) =>
    Math.min(Math.floor(fround((i + 0.5) * scale)), sourceLength - 1),
  );
}
