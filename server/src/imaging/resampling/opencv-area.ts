/**
 * OpenCV's INTER_AREA: each output is the mean of the area that it covers, in float32 sums; where a side grows, bilinear interpolation at shifted positions.
 * Source: OpenCV 4.12, modules/imgproc/src/resize.cpp (`computeResizeAreaTab`, `ResizeArea_Invoker`, `ResizeAreaFast_Invoker`).
 */
import { growingPosition, resizeLinear } from '../resize';
import { roundHalfEven } from '../../round';
import type { PixelGrid } from './pixels';
import type { RealTaps } from './taps';
import { clamped } from './taps';

const { fround } = Math;

/** Whether both sides stay or shrink, so that there are areas to average. */
const shrinks = (from: Size, to: Size): boolean => from.width >= to.width && from.height >= to.height;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** To the last bit. */
export function resizeArea(source: PixelGrid, width: number, height: number): PixelGrid {
  if (!shrinks(source, { width, height })) return resizeLinear(source, width, height, true);
  const [x, y] = [source.width / width, source.height / height];
  return Number.isInteger(x) && Number.isInteger(y)
    ? wholeAreas(source, width, height, x, y)
    : partialAreas(source, areaTaps(source.width, width), areaTaps(source.height, height));
}

/** Along one axis, in float64: for planes. */
export function areaTapsOf(from: Size, to: Size): { readonly columns: RealTaps; readonly rows: RealTaps } {
  const taps = shrinks(from, to) ? areaTaps : growingTaps;
  return { columns: taps(from.width, to.width), rows: taps(from.height, to.height) };
}

/** Shares of samples in each output's interval; slivers of less than a thousandth are left out, as OpenCV does. */
function areaTaps(sourceLength: number, length: number): RealTaps {
  const scale = 1 / (length / sourceLength);
  const span = Math.ceil(scale) + 2;
  const firsts = new Int32Array(length);
  const counts = new Int32Array(length);
  const weights = new Float64Array(length * span);
  for (let i = 0; i < length; i++) {
    const start = i * scale;
    const end = start + scale;
    const width = Math.min(scale, sourceLength - start);
    const lastWhole = Math.min(Math.floor(end), sourceLength - 1);
    const firstWhole = Math.min(Math.ceil(start), lastWhole);
    const found: number[] = [];
    if (firstWhole - start > 1e-3) found.push(fround((firstWhole - start) / width));
    firsts[i] = firstWhole - found.length;
    for (let at = firstWhole; at < lastWhole; at++) found.push(fround(1 / width));
    if (end - lastWhole > 1e-3) found.push(fround(Math.min(Math.min(end - lastWhole, 1), width) / width));
    counts[i] = found.length;
    weights.set(found, i * span);
  }
  return { length, span, firsts, counts, weights };
}

/** Where a side grows. */
function growingTaps(sourceLength: number, length: number): RealTaps {
  return clamped(sourceLength, length, 2, (i) => {
    const { index, fraction } = growingPosition(i, sourceLength, length);
    return { first: index, weights: [fround(1 - fraction), fraction] };
  });
}

/** Means of whole samples: integer sums; of four, halves are rounded up, else to the even neighbor. */
function wholeAreas(source: PixelGrid, width: number, height: number, x: number, y: number): PixelGrid {
  const { channels, data } = source;
  const out = new Uint8Array(width * height * channels);
  const share = fround(1 / (x * y));
  const level =
    x === 2 && y === 2
      ? (sum: number) => (sum + 2) >> 2
      : (sum: number) => roundHalfEven(fround(sum * share));
  const stride = source.width * channels;
  for (let row = 0, at = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      for (let channel = 0; channel < channels; channel++, at++) {
        const start = row * y * stride + column * x * channels + channel;
        let sum = 0;
        for (let j = 0; j < y; j++)
          for (let i = 0; i < x; i++) sum += data[start + j * stride + i * channels] as number;
        out[at] = level(sum);
      }
  return { width, height, channels, data: out };
}

function partialAreas(source: PixelGrid, columns: RealTaps, rows: RealTaps): PixelGrid {
  const { channels } = source;
  const [width, height] = [columns.length, rows.length];
  const stride = width * channels;
  const data = new Uint8Array(stride * height);
  const line = new Float32Array(stride);
  const sums = new Float32Array(stride);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let k = 0; k < (rows.counts[y] as number); k++) {
      sumRow(source, (rows.firsts[y] as number) + k, columns, line);
      addRow(line, rows.weights[y * rows.span + k] as number, sums);
    }
    for (let i = 0; i < stride; i++) data[y * stride + i] = Math.min(roundHalfEven(sums[i] as number), 255);
  }
  return { width, height, channels, data };
}

function sumRow(
  { data, width, channels }: PixelGrid,
  y: number,
  { length, span, firsts, counts, weights }: RealTaps,
  out: Float32Array,
): void {
  for (let x = 0, at = 0; x < length; x++) {
    const start = (y * width + (firsts[x] as number)) * channels;
    for (let channel = 0; channel < channels; channel++, at++) {
      let sum = 0;
      for (let k = 0; k < (counts[x] as number); k++)
        sum = fround(
          sum + fround((data[start + k * channels + channel] as number) * (weights[x * span + k] as number)),
        );
      out[at] = sum;
    }
  }
}

function addRow(line: Float32Array, weight: number, sums: Float32Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + fround((line[i] as number) * weight);
}
