/** PNG files of RGB pictures of any size, band by band. */

import type { DeflatedPart } from './deflate';
import type { RgbImage } from './image';
import { packRgb } from './packed';
import { PngEncoder } from './png-encoder';
import { ColourType, pngFile, requireSize } from './png-file';

/** How many pixels are packed, filtered and compressed at a time: a few milliseconds' worth. */
const PIXELS_A_BAND = 1 << 18;

/** A picture in bands of rows, each compressed by itself. */
export interface BandedPng {
  readonly image: RgbImage;
  readonly bands: readonly DeflatedPart[];
  /** The file. */
  readonly bytes: Buffer;
}

/** 8-bit RGB PNG. */
export async function encodeRgbPng(image: RgbImage): Promise<Buffer> {
  return (await encodeBands(image)).bytes;
}

/**
 * A picture of any size, a band at a time, other work having its turn in between.
 *
 * @param like a picture of the same size: bands in which the two do not differ are taken from it as they are
 */
export async function encodeBands(image: RgbImage, like?: BandedPng): Promise<BandedPng> {
  const { width, height, data } = image;
  requireSize(width, height, data.length, 3);
  const encoder = new PngEncoder();
  const rows = Math.min(height, Math.max(1, Math.floor(PIXELS_A_BAND / width)));
  const above = new Int32Array(width);
  const pixels = new Int32Array(rows * width);
  const bands: DeflatedPart[] = [];
  const twin = like !== undefined && like.image.width === width && like.image.height === height ? like : null;
  for (let from = 0; from < height; from += rows) {
    const to = Math.min(from + rows, height);
    // A row's filter looks at the row above it.
    const start = Math.max(from - 1, 0) * width * 3;
    const end = to * width * 3;
    const same =
      twin !== null && Buffer.compare(data.subarray(start, end), twin.image.data.subarray(start, end)) === 0;
    const known = same ? twin.bands[bands.length] : undefined;
    if (known !== undefined) {
      bands.push(known);
      continue;
    }
    if (from > 0) {
      packRgb(data, above, start);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const band = pixels.subarray(0, (to - from) * width);
    packRgb(data, band, from * width * 3);
    bands.push(encoder.band(width, band, above));
  }
  return { image, bands, bytes: pngFile(width, height, ColourType.Rgb, [], bands) };
}
