/** Pillow's `Image.resize`: always antialiased, weights of 22 bits at 8 bits, and its nearest neighbor. */
import type { Kernels } from '../kernels';
import { resampleFixed } from './fixed-point';
import type { Filter } from './filters';
import type { PixelGrid } from './pixels';
import { RecentTaps } from './recent-taps';
import type { FixedTaps, RealTaps } from './taps';
import { fixed } from './taps';

/** Of a picture, in fractions of its pixels. */
export interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Resample.c: PRECISION_BITS is 32 - 8 - 2. */
const PRECISION_BITS = 22;

/**
 * `Image.resize((width, height), filter)` of Pillow 12.0 on 8-bit channels, to the last bit. An axis that keeps its length is left as
 * it is. Source: Pillow, src/libImaging/Resample.c (`precompute_coeffs`, `normalize_coeffs_8bpc`, `ImagingResample*_8bpc`).
 */
export function resizePillow(
  source: PixelGrid,
  width: number,
  height: number,
  filter: Filter,
  part: Part = { x: 0, y: 0, width: source.width, height: source.height },
  kernels: Kernels | null = null,
): PixelGrid {
  return resampleFixed(
    source,
    pillowTaps(source.width, width, filter, part.x, part.width),
    pillowTaps(source.height, height, filter, part.y, part.height),
    kernels,
  );
}

/** Along one axis; null where it keeps its length. @param start and @param part as in `antialiasedTaps` */
export function pillowTaps(
  from: number,
  to: number,
  filter: Filter,
  start = 0,
  part = from,
): FixedTaps | null {
  if (from === to && start === 0 && part === from) return null;
  return recentTaps.get([from, to, filter, start, part], () =>
    fixed(antialiasedTaps(from, to, filter, start, part), PRECISION_BITS),
  );
}

/** Both axes of a few resizes: the pictures of a set often have one size, and Lanczos' sines take longer than applying them. */
const recentTaps = new RecentTaps<FixedTaps>(8);

/**
 * The filter widened by the shrinkage, centers at half pixels, weights that add up to 1: `precompute_coeffs`.
 * @param start of the part that is resized, `part` long, both in fractions of pixels
 */
export function antialiasedTaps(
  sourceLength: number,
  length: number,
  filter: Filter,
  start = 0,
  part = sourceLength,
): RealTaps {
  const scale = part / length;
  const widened = Math.max(scale, 1);
  const support = filter.support * widened;
  const span = Math.ceil(support) * 2 + 1;
  const firsts = new Int32Array(length);
  const counts = new Int32Array(length);
  const weights = new Float64Array(length * span);
  for (let i = 0; i < length; i++) {
    const center = start + (i + 0.5) * scale;
    const first = Math.max(Math.trunc(center - support + 0.5), 0);
    const count = Math.min(Math.trunc(center + support + 0.5), sourceLength) - first;
    const at = i * span;
    let total = 0;
    for (let k = 0; k < count; k++) {
      const weight = filter.weight((k + first - center + 0.5) * (1 / widened));
      weights[at + k] = weight;
      total += weight;
    }
    if (total !== 0) for (let k = 0; k < count; k++) weights[at + k] = (weights[at + k] as number) / total;
    firsts[i] = first;
    counts[i] = count;
  }
  return { length, span, firsts, counts, weights };
}

/** `Image.resize(..., NEAREST)`: the sample at floor((i + 0.5) * scale), added up step by step in float64 as Geometry.c does. */
export function nearestSamples(sourceLength: number, length: number): Int32Array {
  const scale = sourceLength / length;
  let position = scale * 0.5;
  return Int32Array.from({ length }, () => {
    const at = Math.min(Math.trunc(position), sourceLength - 1);
    position += scale;
    return at;
  });
}
