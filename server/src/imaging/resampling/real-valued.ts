/** Resampling 8-bit pixels with real weights, row by row: no more than the rows that an output needs are held beside the picture. */
import type { PixelGrid } from './pixels';
import { RowCache } from './row-cache';
import type { RealTaps } from './taps';

/**
 * Along the rows into float32, then down the columns in float64.
 * @param level the 8-bit level of a sum
 */
export function resampleReal(
  source: PixelGrid,
  columns: RealTaps,
  rows: RealTaps,
  level: (sum: number) => number,
): PixelGrid {
  const { channels } = source;
  const [width, height] = [columns.length, rows.length];
  const stride = width * channels;
  const data = new Uint8Array(stride * height);
  const sums = new Float64Array(stride);
  const stretched = new RowCache((y) => stretchedRow(source, y, columns), 4 * stride);
  for (let y = 0; y < height; y++) {
    const first = rows.firsts[y] as number;
    stretched.forgetBefore(first);
    sums.fill(0);
    for (let k = 0; k < (rows.counts[y] as number); k++)
      addRow(stretched.at(first + k), rows.weights[y * rows.span + k] as number, sums);
    for (let i = 0; i < stride; i++) data[y * stride + i] = clamp(level(sums[i] as number));
  }
  return { width, height, channels, data };
}

const clamp = (level: number): number => (level < 0 ? 0 : level > 255 ? 255 : level);

function stretchedRow(
  { data, width, channels }: PixelGrid,
  y: number,
  { length, span, firsts, counts, weights }: RealTaps,
): Float32Array {
  const out = new Float32Array(length * channels);
  for (let x = 0, at = 0; x < length; x++) {
    const start = (y * width + (firsts[x] as number)) * channels;
    for (let channel = 0; channel < channels; channel++, at++) {
      let sum = 0;
      let from = start + channel;
      for (let w = x * span, end = w + (counts[x] as number); w < end; w++, from += channels)
        sum += (data[from] as number) * (weights[w] as number);
      out[at] = sum;
    }
  }
  return out;
}

function addRow(row: Float32Array, weight: number, sums: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (row[i] as number) * weight;
}
