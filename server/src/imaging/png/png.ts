/** PNG files of RGB pictures of any size, band by band. */

import type { DeflatedPart } from './deflate';
import type { RgbImage } from '../image';
import { PngEncoder } from './encoder';
import { ColorType, pngFile, requireSize } from './file';

/** How many pixels are filtered and compressed at a time: a few milliseconds' worth. */
const PIXELS_A_BAND = 1 << 18;

/** A picture in bands of rows, each compressed by itself. */
export interface BandedPng {
  readonly image: RgbImage;
  readonly bands: readonly DeflatedPart[];
  /** The file. */
  readonly bytes: Buffer;
}

/** 8-bit RGB PNG. */
export async function encodeRgbPng(image: RgbImage, encoder = new PngEncoder()): Promise<Buffer> {
  return (await encodeBands(image, encoder)).bytes;
}

/**
 * A picture of any size, a band at a time, with other work in between.
 *
 * @param like a picture of the same size: bands in which the two do not differ are taken from it as they are
 */
export async function encodeBands(
  image: RgbImage,
  encoder: PngEncoder,
  like?: BandedPng,
): Promise<BandedPng> {
  const { width, height, data } = image;
  requireSize(width, height, data.length, 3);
  const rows = Math.min(height, Math.max(1, Math.floor(PIXELS_A_BAND / width)));
  const stride = width * 3;
  const bands: DeflatedPart[] = [];
  const twin = like !== undefined && like.image.width === width && like.image.height === height ? like : null;
  for (let from = 0; from < height; from += rows) {
    const end = Math.min(from + rows, height) * stride;
    // A row's filter looks at the row above it.
    const start = Math.max(from - 1, 0) * stride;
    const same =
      twin !== null && Buffer.compare(data.subarray(start, end), twin.image.data.subarray(start, end)) === 0;
    const known = same ? twin.bands[bands.length] : undefined;
    if (known !== undefined) {
      bands.push(known);
      continue;
    }
    if (from > 0) await new Promise((resolve) => setImmediate(resolve));
    const first = from * stride;
    bands.push(encoder.band(width, data.subarray(first, end), from > 0 ? data.subarray(start, first) : null));
  }
  return { image, bands, bytes: pngFile(width, height, ColorType.Rgb, [], bands) };
}
