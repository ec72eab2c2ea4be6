/** RGB and JFIF's YCbCr in libjpeg's integer arithmetic (jccolor.c, jdcolor.c), and color planes of half the size (jcsample.c, jdsample.c). */
import type { Plane } from './plane';
import { clampedAt, planeOf } from './plane';

const fix = (x: number): number => Math.round(x * 65536);
const HALF = 1 << 15;
const MIDDLE = 128 << 16;

/** @param data RGB, interleaved */
export function toYCbCr(data: Uint8Array, width: number, height: number): readonly [Plane, Plane, Plane] {
  const planes = [0, 1, 2].map(() => planeOf(width, height)) as [Plane, Plane, Plane];
  const [y, cb, cr] = planes.map((plane) => plane.data) as [Uint8Array, Uint8Array, Uint8Array];
  for (let i = 0, at = 0; i < y.length; i++, at += 3) {
    const [r, g, b] = [data[at] as number, data[at + 1] as number, data[at + 2] as number];
    y[i] = (fix(0.299) * r + fix(0.587) * g + fix(0.114) * b + HALF) >> 16;
    cb[i] = (-fix(0.16874) * r - fix(0.33126) * g + fix(0.5) * b + MIDDLE + HALF - 1) >> 16;
    cr[i] = (fix(0.5) * r - fix(0.41869) * g - fix(0.08131) * b + MIDDLE + HALF - 1) >> 16;
  }
  return planes;
}

/** RGB, interleaved, of planes of one size. */
export function toRgb([y, cb, cr]: readonly [Plane, Plane, Plane]): Uint8Array {
  const out = new Uint8ClampedArray(3 * y.data.length);
  y.data.forEach((luma, i) => {
    const [b, r] = [(cb.data[i] as number) - 128, (cr.data[i] as number) - 128];
    out[3 * i] = luma + ((fix(1.402) * r + HALF) >> 16);
    out[3 * i + 1] = luma + ((-fix(0.34414) * b - fix(0.71414) * r + HALF) >> 16);
    out[3 * i + 2] = luma + ((fix(1.772) * b + HALF) >> 16);
  });
  return new Uint8Array(out.buffer);
}

/** Whole blocks of 8 samples. */
const wholeBlocks = (samples: number): number => 8 * Math.ceil(samples / 8);

/**
 * Means of 2 x 2 samples, which round up and down in turn; an odd border is repeated. The picture is repeated to whole blocks beforehand,
 * so that what lies beyond the border on the right is made of its last column alone.
 */
export function halved(plane: Plane): Plane {
  const half = planeOf(wholeBlocks(Math.ceil(plane.width / 2)), Math.ceil(plane.height / 2));
  for (let y = 0; y < half.height; y++)
    for (let x = 0; x < half.width; x++) {
      const at = (dx: number, dy: number): number => clampedAt(plane, 2 * x + dx, 2 * y + dy);
      half.data[y * half.width + x] = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1) + 1 + (x & 1)) >> 2;
    }
  return half;
}

/** Twice the size, without what fills the last blocks: three quarters of the nearest sample and one of the next, along both axes. */
export function doubled(blocks: Plane, width: number, height: number): Plane {
  const [plane, half] = [planeOf(width, height), narrowed(blocks, Math.ceil(width / 2))];
  for (let y = 0; y < height; y++) {
    const [row, other] = [y >> 1, (y >> 1) + (y % 2 === 0 ? -1 : 1)];
    const column = (x: number): number => 3 * clampedAt(half, x, row) + clampedAt(half, x, other);
    for (let x = 0; x < width; x++) {
      const own = x >> 1;
      const beside = x % 2 === 0 ? column(own - 1) + 8 : column(own + 1) + 7;
      plane.data[y * width + x] = (3 * column(own) + beside) >> 4;
    }
  }
  return plane;
}

function narrowed(plane: Plane, width: number): Plane {
  const out = planeOf(width, plane.height);
  for (let y = 0; y < plane.height; y++)
    out.data.set(plane.data.subarray(y * plane.width, y * plane.width + width), y * width);
  return out;
}
