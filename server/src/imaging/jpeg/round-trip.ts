/**
 * What is left of a picture that is written as JPEG and read again, as libjpeg-turbo does both. Coding the numbers loses nothing, so it
 * is left out.
 */
import { doubled, halved, toRgb, toYCbCr } from './color';
import { requantize } from './dct';
import type { Plane } from './plane';
import { clampedAt, planeOf } from './plane';

/** Steps of brightness and of color at quality 50, row by row (ISO 10918-1, tables K.1 and K.2). */
const LUMA = [
  ...[16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55],
  ...[14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62],
  ...[18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92],
  ...[49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99],
];
const CHROMA = [
  ...[17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99],
  ...[24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99],
  ...Array.from({ length: 32 }, () => 99),
];

export type Subsampling = '4:2:0' | '4:4:4';

/** libjpeg's `jpeg_set_quality`: 1 to 100. */
function tableOf(base: readonly number[], quality: number): Uint8Array {
  const scale = quality < 50 ? Math.trunc(5000 / quality) : 200 - 2 * quality;
  return Uint8Array.from(base, (step) => Math.min(Math.max(Math.trunc((step * scale + 50) / 100), 1), 255));
}

/** Each block of 8 x 8 through the transform; beyond the border its last samples are repeated. */
function coded(plane: Plane, table: Uint8Array): Plane {
  const out = planeOf(plane.width, plane.height);
  const block = new Int32Array(64);
  for (let top = 0; top < plane.height; top += 8)
    for (let left = 0; left < plane.width; left += 8) {
      for (let i = 0; i < 64; i++) block[i] = clampedAt(plane, left + (i & 7), top + (i >> 3)) - 128;
      requantize(block, table);
      for (let i = 0; i < 64; i++) {
        const [x, y] = [left + (i & 7), top + (i >> 3)];
        if (x < plane.width && y < plane.height)
          out.data[y * plane.width + x] = Math.min(Math.max((block[i] as number) + 128, 0), 255);
      }
    }
  return out;
}

/** @param data RGB, interleaved; not changed */
export function throughJpeg(
  data: Uint8Array,
  width: number,
  height: number,
  { quality, subsampling }: { readonly quality: number; readonly subsampling: Subsampling },
): Uint8Array {
  const [y, ...colors] = toYCbCr(data, width, height);
  const table = tableOf(CHROMA, quality);
  const [cb, cr] = colors.map((plane) =>
    subsampling === '4:4:4' ? coded(plane, table) : doubled(coded(halved(plane), table), width, height),
  ) as [Plane, Plane];
  return toRgb([coded(y, tableOf(LUMA, quality)), cb, cr]);
}

/** A gray picture has only brightness. */
export const grayThroughJpeg = (
  data: Uint8Array,
  width: number,
  height: number,
  quality: number,
): Uint8Array => coded({ width, height, data }, tableOf(LUMA, quality)).data;
