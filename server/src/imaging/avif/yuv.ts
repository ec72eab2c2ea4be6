/** Y, Cb and Cr of 8 bits as RGB in the fixed-point arithmetic of libyuv, which OpenCV's AVIF decoder uses (row_common.cc). */

import type { RgbImage } from '../image';

/** 6 fractional bits; the luma factor has 16 and is applied to Y * 257. */
interface Coefficients {
  readonly blueOfCb: number;
  readonly greenOfCb: number;
  readonly greenOfCr: number;
  readonly redOfCr: number;
  readonly luma: number;
  readonly bias: number;
}

const coefficients = (
  blueOfCb: number,
  greenOfCb: number,
  greenOfCr: number,
  redOfCr: number,
  luma: number,
  bias: number,
): Coefficients => ({ blueOfCb, greenOfCb, greenOfCr, redOfCr, luma, bias });

const BT601 = [
  coefficients(128, 25, 52, 102, 18997, -1160),
  coefficients(113, 22, 46, 90, 16320, 32),
] as const;
const BT709 = [
  coefficients(128, 14, 34, 115, 18997, -1160),
  coefficients(119, 12, 30, 101, 16320, 32),
] as const;
const BT2020 = [
  coefficients(128, 12, 42, 107, 19003, -1160),
  coefficients(120, 11, 37, 94, 16320, 32),
] as const;

/** By matrix coefficients of ITU-T H.273: limited range, full range. Unspecified (2) is taken for BT.601. */
const MATRICES: Readonly<Record<number, readonly [Coefficients, Coefficients]>> = {
  1: BT709,
  2: BT601,
  5: BT601,
  6: BT601,
  9: BT2020,
};

/** Null for matrices that libyuv does not have. */
export function coefficientsOf(matrix: number, fullRange: boolean): Coefficients | null {
  return MATRICES[matrix]?.[fullRange ? 1 : 0] ?? null;
}

export interface Planes {
  readonly width: number;
  readonly height: number;
  /** Samples a pixel in `data`. */
  readonly channels: number;
  /** Cr, Y, Cb of each pixel, subsampled chroma repeated. */
  readonly data: Uint8Array;
}

/** Chroma of half the width, and of half the height, is interpolated between its samples: 3 to 1, or 9 to 3 to 3 to 1. */
export function yuvToRgb(
  { width, height, channels, data }: Planes,
  halfWidth: boolean,
  halfHeight: boolean,
  { blueOfCb, greenOfCb, greenOfCr, redOfCr, luma, bias }: Coefficients,
): RgbImage {
  const rgb = new Uint8ClampedArray(width * height * 3);
  const [cr, cb] = [new Uint8Array(width), new Uint8Array(width)];
  for (let y = 0; y < height; y++) {
    const [near, far] = halfHeight ? rowsFor(y, height) : [y, y];
    const rows = { near: near * width * channels, far: far * width * channels };
    chromaRow(data, rows, channels, 0, halfWidth, cr);
    chromaRow(data, rows, channels, 2, halfWidth, cb);
    for (let x = 0, o = y * width * 3; x < width; x++, o += 3) {
      const light = ((((data[(y * width + x) * channels + 1] as number) * 0x0101 * luma) / 65536) | 0) + bias;
      const u = (cb[x] as number) - 128;
      const v = (cr[x] as number) - 128;
      rgb[o] = (light + v * redOfCr) >> 6;
      rgb[o + 1] = (light - (u * greenOfCb + v * greenOfCr)) >> 6;
      rgb[o + 2] = (light + u * blueOfCb) >> 6;
    }
  }
  return { width, height, data: new Uint8Array(rgb.buffer) };
}

/** The two rows of pixels whose chroma row `y` lies between, the nearer one first; the first and the last row lie on one. */
function rowsFor(y: number, height: number): [near: number, far: number] {
  const near = y - (y % 2);
  if (y === 0 || (y === height - 1 && y % 2 === 1)) return [near, near];
  return [near, y % 2 === 1 ? near + 2 : near - 2];
}

function chromaRow(
  data: Uint8Array,
  { near, far }: { readonly near: number; readonly far: number },
  channels: number,
  channel: number,
  halfWidth: boolean,
  out: Uint8Array,
): void {
  const last = out.length - 1;
  const between = near !== far;
  for (let x = 0; x <= last; x++) {
    const at = (halfWidth ? x - (x % 2) : x) * channels + channel;
    const a = data[near + at] as number;
    const b = data[far + at] as number;
    if (!halfWidth || x === 0 || x === last) {
      out[x] = between ? (3 * a + b + 2) >> 2 : a;
      continue;
    }
    const next = at + (x % 2 === 1 ? 2 * channels : -2 * channels);
    const c = data[near + next] as number;
    out[x] = between ? (9 * a + 3 * c + 3 * b + (data[far + next] as number) + 8) >> 4 : (3 * a + c + 2) >> 2;
  }
}
