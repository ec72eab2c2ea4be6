/** YCbCr to RGB in libtiff's fixed-point arithmetic (tif_color.c of 4.6), and the order of subsampled pixels. */

import { PictureError } from '../problems';
import type { Directory } from './directory';
import { Tag } from './layout';
import type { Painter } from './samples';

const SHIFT = 16;
const HALF = 1 << (SHIFT - 1);
const fix = (value: number): number => Math.floor(value * (1 << SHIFT) + 0.5);
const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** ITU-R BT.601, TIFF's default. */
const BT601 = [0.299, 0.587, 0.114];
const FULL_RANGE = [0, 255, 128, 255, 128, 255];

/** Of Y, Cb and Cr of 8 bits: coefficients and reference black and white are the file's, or TIFF 6.0's defaults (section 21). */
export function yCbCrToRgb(directory: Directory): Painter {
  const [red, green, blue] = floats(directory, Tag.YCbCrCoefficients, BT601);
  const black = floats(directory, Tag.ReferenceBlackWhite, FULL_RANGE);
  if (!(green > 0)) throw PictureError.damaged('its YCbCr coefficients are impossible');
  const f1 = Math.fround(2 - 2 * red);
  const f3 = Math.fround(2 - 2 * blue);
  const d1 = fix(clamp(f1, 0, 2));
  const d2 = -fix(clamp(Math.fround(Math.fround(red * f1) / green), 0, 2));
  const d3 = fix(clamp(f3, 0, 2));
  const d4 = -fix(clamp(Math.fround(Math.fround(blue * f3) / green), 0, 2));
  const level = (code: number, low: number, high: number, range: number): number => {
    const scaled = ((code - Math.trunc(low)) * range) / (high - low || 1);
    return Math.trunc(clamp(Math.fround(scaled), -4096, 4096));
  };
  const table = (of: (code: number) => number) => Int32Array.from({ length: 256 }, (_, code) => of(code));
  const chroma = (from: number) => (code: number) =>
    level(code - 128, (black[from] as number) - 128, (black[from + 1] as number) - 128, 127);
  const [cb, cr] = [chroma(2), chroma(4)];
  const y = table((code) => level(code, black[0], black[1], 255));
  const redOfCr = table((code) => (d1 * cr(code) + HALF) >> SHIFT);
  const blueOfCb = table((code) => (d3 * cb(code) + HALF) >> SHIFT);
  const greenOfCr = table((code) => d2 * cr(code));
  const greenOfCb = table((code) => d4 * cb(code) + HALF);
  return (samples, s, rgb, o) => {
    const luma = y[samples[s] as number] as number;
    const b = samples[s + 1] as number;
    const r = samples[s + 2] as number;
    rgb[o] = clamp(luma + (redOfCr[r] as number), 0, 255);
    rgb[o + 1] = clamp(luma + (((greenOfCb[b] as number) + (greenOfCr[r] as number)) >> SHIFT), 0, 255);
    rgb[o + 2] = clamp(luma + (blueOfCb[b] as number), 0, 255);
  };
}

/** libtiff holds them in float32. */
function floats(
  directory: Directory,
  tag: number,
  otherwise: readonly number[],
): [number, number, number, ...number[]] {
  const given = directory.numbers(tag);
  const values = given !== null && given.length >= otherwise.length ? given : otherwise;
  if (!values.every(Number.isFinite)) throw PictureError.damaged(`tag ${tag} holds no numbers`);
  return values.map(Math.fround) as [number, number, number, ...number[]];
}

export interface Subsampling {
  /** Pixels that share one Cb and one Cr. */
  readonly across: number;
  readonly down: number;
}

/** Those that libtiff converts. */
const READ = ['1x1', '1x2', '2x1', '2x2', '4x1', '4x2', '4x4'];

/** For interleaved samples; separate planes are read at full size only. @throws PictureError */
export function subsamplingOf(directory: Directory, planar: boolean): Subsampling {
  const [across = 2, down = 2] = directory.numbers(Tag.YCbCrSubSampling) ?? [2, 2];
  const name = `${across}x${down}`;
  if (!READ.includes(name) || (planar && name !== '1x1'))
    throw PictureError.unsupported(
      `YCbCr colors subsampled by ${across} x ${down}${planar ? ' in separate planes' : ''}`,
    );
  return { across, down };
}

/**
 * Blocks of across x down Y, one Cb, one Cr as three samples per pixel.
 * @param rows of the band; its last block may reach beyond them, and beyond `width`
 */
export function spread(
  packed: Uint8Array,
  width: number,
  rows: number,
  { across, down }: Subsampling,
): Uint8Array {
  const samples = new Uint8Array(width * rows * 3);
  const blocks = Math.ceil(width / across);
  const size = across * down + 2;
  for (let y = 0, o = 0; y < rows; y++) {
    const row = Math.floor(y / down) * blocks * size + (y % down) * across;
    for (let x = 0; x < width; x++, o += 3) {
      const block = row + Math.floor(x / across) * size;
      const chroma = block - (y % down) * across + across * down;
      samples[o] = packed[block + (x % across)] as number;
      samples[o + 1] = packed[chroma] as number;
      samples[o + 2] = packed[chroma + 1] as number;
    }
  }
  return samples;
}
