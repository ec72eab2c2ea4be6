/** Resampling 8-bit pixels in integers: weights are multiples of 2^-bits, rows first, then columns, each rounded to 8 bits. */
import type { Kernels } from '../kernels';
import { resampleInLanes } from './fixed-lanes';
import type { PixelGrid } from './pixels';
import { RowCache } from './row-cache';
import type { FixedTaps } from './taps';

/**
 * @param columns null where the width stays; @param rows null where the height stays
 * @param kernels whose memory is used where they can do it; afterwards it is free again
 */
export function resampleFixed(
  source: PixelGrid,
  columns: FixedTaps | null,
  rows: FixedTaps | null,
  kernels: Kernels | null = null,
): PixelGrid {
  const { channels, height } = source;
  const isFor = columns === null || channels === 3;
  const inLanes = kernels !== null && isFor ? resampleInLanes(source, columns, rows, kernels) : null;
  if (inLanes !== null) return inLanes;
  const width = columns?.length ?? source.width;
  const stride = width * channels;
  const make = rowsOf(source, columns, stride);
  if (rows !== null) return downColumns(new RowCache(make, stride), rows, { width, channels });
  const data = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) data.set(make(y), y * stride);
  return { width, height, channels, data };
}

/** The source's rows at their new width. */
function rowsOf(
  { width, channels, data }: PixelGrid,
  columns: FixedTaps | null,
  stride: number,
): (y: number) => Uint8Array {
  if (columns === null) return (y) => data.subarray(y * stride, (y + 1) * stride);
  const row = channels === 3 ? rowOfThree : rowOfAny;
  return (y) => {
    const out = new Uint8Array(stride);
    row(data, y * width * channels, columns, channels, out, 0);
    return out;
  };
}

type Row = (
  source: Uint8Array,
  start: number,
  taps: FixedTaps,
  channels: number,
  out: Uint8Array,
  at: number,
) => void;

const rowOfThree: Row = (source, start, { firsts, counts, weights, span, bits, length }, _, out, at) => {
  const half = 1 << (bits - 1);
  for (let x = 0; x < length; x++, at += 3) {
    let [red, green, blue] = [half, half, half];
    let from = start + (firsts[x] as number) * 3;
    let w = x * span;
    for (const end = w + (counts[x] as number); w < end; w++, from += 3) {
      const weight = weights[w] as number;
      red = (red + Math.imul(source[from] as number, weight)) | 0;
      green = (green + Math.imul(source[from + 1] as number, weight)) | 0;
      blue = (blue + Math.imul(source[from + 2] as number, weight)) | 0;
    }
    out[at] = level(red >> bits);
    out[at + 1] = level(green >> bits);
    out[at + 2] = level(blue >> bits);
  }
};

const rowOfAny: Row = (source, start, { firsts, counts, weights, span, bits, length }, channels, out, at) => {
  for (let x = 0; x < length; x++) {
    for (let channel = 0; channel < channels; channel++) {
      let sum = 1 << (bits - 1);
      let from = start + (firsts[x] as number) * channels + channel;
      let w = x * span;
      for (const end = w + (counts[x] as number); w < end; w++, from += channels)
        sum = (sum + Math.imul(source[from] as number, weights[w] as number)) | 0;
      out[at++] = level(sum >> bits);
    }
  }
};

const level = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value);

function downColumns(
  source: RowCache<Uint8Array>,
  { length, span, bits, firsts, counts, weights }: FixedTaps,
  { width, channels }: Pick<PixelGrid, 'width' | 'channels'>,
): PixelGrid {
  const stride = width * channels;
  const data = new Uint8Array(length * stride);
  const sums = new Int32Array(stride);
  for (let y = 0; y < length; y++) {
    const first = firsts[y] as number;
    source.forgetBefore(first);
    sums.fill(1 << (bits - 1));
    for (let k = 0; k < (counts[y] as number); k++)
      addRow(source.at(first + k), weights[y * span + k] as number, sums);
    roundRow(sums, bits, data, y * stride);
  }
  return { width, height: length, channels, data };
}

function addRow(row: Uint8Array, weight: number, sums: Int32Array): void {
  for (let i = 0; i < sums.length; i++)
    sums[i] = ((sums[i] as number) + Math.imul(row[i] as number, weight)) | 0;
}

function roundRow(sums: Int32Array, bits: number, out: Uint8Array, start: number): void {
  for (let i = 0; i < sums.length; i++) out[start + i] = level((sums[i] as number) >> bits);
}
