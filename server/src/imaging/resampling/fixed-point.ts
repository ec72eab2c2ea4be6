/** Resampling 8-bit pixels in integers: weights are multiples of 2^-bits, rows first, then columns, each rounded to 8 bits. */
import type { PixelGrid } from './pixels';
import type { FixedTaps } from './taps';

/** @param columns null where the width stays; @param rows null where the height stays */
export function resampleFixed(
  source: PixelGrid,
  columns: FixedTaps | null,
  rows: FixedTaps | null,
): PixelGrid {
  const across = columns === null ? source : alongRows(source, columns, neededRows(source.height, rows));
  return rows === null ? across : downColumns(across, rows);
}

/** The first row that is read, and the one behind the last. */
function neededRows(height: number, rows: FixedTaps | null): readonly [number, number] {
  if (rows === null) return [0, height];
  const last = rows.length - 1;
  return [rows.firsts[0] as number, (rows.firsts[last] as number) + (rows.counts[last] as number)];
}

function alongRows(source: PixelGrid, taps: FixedTaps, [first, end]: readonly [number, number]): PixelGrid {
  const { channels, height } = source;
  const data = new Uint8Array(taps.length * height * channels);
  const row = channels === 3 ? rowOfThree : rowOfAny;
  for (let y = first; y < end; y++)
    row(source.data, y * source.width * channels, taps, channels, data, y * taps.length * channels);
  return { width: taps.length, height, channels, data };
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
  { width, channels, data }: PixelGrid,
  { length, span, bits, firsts, counts, weights }: FixedTaps,
): PixelGrid {
  const stride = width * channels;
  const out = new Uint8Array(length * stride);
  const sums = new Int32Array(stride);
  for (let y = 0; y < length; y++) {
    sums.fill(1 << (bits - 1));
    for (let k = 0; k < (counts[y] as number); k++)
      addRow(data, ((firsts[y] as number) + k) * stride, weights[y * span + k] as number, sums);
    roundRow(sums, bits, out, y * stride);
  }
  return { width, height: length, channels, data: out };
}

function addRow(source: Uint8Array, start: number, weight: number, sums: Int32Array): void {
  for (let i = 0; i < sums.length; i++)
    sums[i] = ((sums[i] as number) + Math.imul(source[start + i] as number, weight)) | 0;
}

function roundRow(sums: Int32Array, bits: number, out: Uint8Array, start: number): void {
  for (let i = 0; i < sums.length; i++) out[start + i] = level((sums[i] as number) >> bits);
}
