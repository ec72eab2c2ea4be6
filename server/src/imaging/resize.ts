/** Bilinear resizing as OpenCV does it with 8-bit pictures, and cropping. */

import { LensError } from '../errors';
import { requireSize } from '../../../painting/resize-map';
import type { Box, RgbImage } from './image';
import type { PixelGrid } from './resampling/pixels';
import { roundHalfEven } from '../round';

/** OpenCV's INTER_RESIZE_COEF_BITS: 8-bit interpolation weights are multiples of 1/2048. */
const COEFFICIENT_SCALE = 2048;

/** For each output position: the left source index, the right one, and both weights as OpenCV's 11-bit integers (they need not add up to 2048). */
interface FixedTaps {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly leftWeight: Int32Array;
  readonly rightWeight: Int32Array;
}

/**
 * Resizes as `cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)` does on uint8, bit for bit:
 * half-pixel centers, no antialiasing, 11-bit weights, the horizontal pass kept exact and the vertical one
 * rounded by `((b0*(S0>>4))>>16) + ((b1*(S1>>4))>>16) + 2 >> 2`.
 * Source: OpenCV 4, modules/imgproc/src/resize.cpp (`HResizeLinear`, `VResizeLinear` for uchar).
 */
export function resizeRgb(image: RgbImage, width: number, height: number): RgbImage {
  const { data } = resizeLinear({ ...image, channels: 3 }, width, height);
  return { width, height, data };
}

/** As `resizeRgb`, of any number of channels. @param area at the positions of INTER_AREA where a side grows */
export function resizeLinear(image: PixelGrid, width: number, height: number, area = false): PixelGrid {
  const { channels } = image;
  requireSize(image.width, image.height, width, height);
  if (width === image.width && height === image.height) {
    return { width, height, channels, data: image.data.slice(0, width * height * channels) };
  }
  const stretchRow = channels === 3 ? stretchRowOfThree : stretchRowOfAny;
  const columns = fixedTaps(image.width, width, true, area);
  const rows = fixedTaps(image.height, height, false, area);
  const stride = width * channels;
  const data = new Uint8Array(stride * height);
  let upper = new Int32Array(stride);
  let lower = new Int32Array(stride);
  let upperRow = -1;
  let lowerRow = -1;

  for (let y = 0; y < height; y++) {
    const top = rows.left[y] ?? 0;
    const bottom = rows.right[y] ?? 0;
    if (top !== upperRow && top === lowerRow) {
      [upper, lower] = [lower, upper];
      [upperRow, lowerRow] = [lowerRow, upperRow];
    }
    if (top !== upperRow) {
      stretchRow(image, top, columns, upper);
      upperRow = top;
    }
    if (bottom !== lowerRow) {
      if (bottom === upperRow) lower.set(upper);
      else stretchRow(image, bottom, columns, lower);
      lowerRow = bottom;
    }
    const b0 = rows.leftWeight[y] ?? 0;
    const b1 = rows.rightWeight[y] ?? 0;
    const start = y * stride;
    mixRow(upper, lower, b0, b1, data, start);
  }
  return { width, height, channels, data };
}

/**
 * Cuts out `box`, clamped to the image and truncated to whole pixels, as NumPy slicing
 * `image[max(0, int(y0)):min(h, int(y1)), ...]` would. Throws when nothing of the box lies inside.
 */
export function cropRgb(image: RgbImage, box: Box): RgbImage {
  const [x0, y0, x1, y1] = clampBox(box, image.width, image.height);
  const width = x1 - x0;
  const height = y1 - y0;
  if (!(width > 0 && height > 0)) {
    throw new LensError(
      'image',
      `The box [${box.join(', ')}] covers no pixel of the ${image.width}x${image.height} picture (width x height).`,
      {
        fix: 'A box is [x0, y0, x1, y1] in pixels with x0 < x1 and y0 < y1, and overlaps the picture.',
        remedies: ['give-box'],
      },
    );
  }
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const start = ((y0 + y) * image.width + x0) * 3;
    data.set(image.data.subarray(start, start + width * 3), y * width * 3);
  }
  return { width, height, data };
}

/** The box inside 0..width, 0..height, each edge truncated to an integer. */
export function clampBox(box: Box, width: number, height: number): Box {
  const edge = (value: number, limit: number) => Math.trunc(Math.min(Math.max(value, 0), limit));
  return [edge(box[0], width), edge(box[1], height), edge(box[2], width), edge(box[3], height)];
}

/** Horizontally interpolated row, weights not divided out: values up to 255 * 2049. */
function stretchRowOfThree(image: PixelGrid, y: number, taps: FixedTaps, out: Int32Array): void {
  const source = image.data;
  const start = y * image.width * 3;
  const width = taps.left.length;
  for (let x = 0, i = 0; x < width; x++, i += 3) {
    const p = start + (taps.left[x] as number) * 3;
    const q = start + (taps.right[x] as number) * 3;
    const a0 = taps.leftWeight[x] as number;
    const a1 = taps.rightWeight[x] as number;
    out[i] = (source[p] as number) * a0 + (source[q] as number) * a1;
    out[i + 1] = (source[p + 1] as number) * a0 + (source[q + 1] as number) * a1;
    out[i + 2] = (source[p + 2] as number) * a0 + (source[q + 2] as number) * a1;
  }
}

function stretchRowOfAny(image: PixelGrid, y: number, taps: FixedTaps, out: Int32Array): void {
  const { data: source, channels } = image;
  const start = y * image.width * channels;
  for (let x = 0, i = 0; x < taps.left.length; x++) {
    const p = start + (taps.left[x] as number) * channels;
    const q = start + (taps.right[x] as number) * channels;
    const a0 = taps.leftWeight[x] as number;
    const a1 = taps.rightWeight[x] as number;
    for (let channel = 0; channel < channels; channel++, i++)
      out[i] = (source[p + channel] as number) * a0 + (source[q + channel] as number) * a1;
  }
}

function mixRow(
  upper: Int32Array,
  lower: Int32Array,
  b0: number,
  b1: number,
  out: Uint8Array,
  start: number,
): void {
  for (let i = 0; i < upper.length; i++) {
    const s0 = upper[i] as number;
    const s1 = lower[i] as number;
    // Like OpenCV's cast to uchar; the weights' rounding can overshoot 255 by no more than the clamp removes.
    const value = (((b0 * (s0 >> 4)) >> 16) + ((b1 * (s1 >> 4)) >> 16) + 2) >> 2;
    out[start + i] = value > 255 ? 255 : value;
  }
}

/**
 * OpenCV's source positions in its own precisions: the scale is 1/(out/in) in double, the position a float32.
 * At the left and right border the weight is forced onto one pixel (`clampWeight`); at the top and bottom only
 * the rows are clamped, so both weights apply to the same row.
 */
function fixedTaps(sourceLength: number, length: number, clampWeight: boolean, area: boolean): FixedTaps {
  const positionAt = area ? growingPosition : halfPixelPosition;
  const left = new Int32Array(length);
  const right = new Int32Array(length);
  const leftWeight = new Int32Array(length);
  const rightWeight = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    let { index, fraction } = positionAt(i, sourceLength, length);
    if (clampWeight && (index < 0 || index >= sourceLength - 1)) {
      fraction = 0;
      index = index < 0 ? 0 : sourceLength - 1;
    }
    left[i] = Math.min(Math.max(index, 0), sourceLength - 1);
    right[i] = Math.min(Math.max(index + 1, 0), sourceLength - 1);
    leftWeight[i] = roundHalfEven(Math.fround(1 - fraction) * COEFFICIENT_SCALE);
    rightWeight[i] = roundHalfEven(fraction * COEFFICIENT_SCALE);
  }
  return { left, right, leftWeight, rightWeight };
}

/** A position between samples: the one before it, and how far after that it is. */
interface Position {
  readonly index: number;
  /** float32, 0..1 */
  readonly fraction: number;
}

function halfPixelPosition(i: number, sourceLength: number, length: number): Position {
  const position = Math.fround((i + 0.5) * (1 / (length / sourceLength)) - 0.5);
  const index = Math.floor(position);
  return { index, fraction: Math.fround(position - index) };
}

/**
 * OpenCV's INTER_AREA where a side grows (resize.cpp, `area_mode`): on the sample itself, but where two samples share the
 * output.
 */
export function growingPosition(i: number, sourceLength: number, length: number): Position {
  const inverse = length / sourceLength;
  const index = Math.floor(i * (1 / inverse));
  const fraction = Math.fround(i + 1 - (index + 1) * inverse);
  return { index, fraction: fraction <= 0 ? 0 : Math.fround(fraction - Math.floor(fraction)) };
}
