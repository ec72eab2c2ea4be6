/** PNG pictures one after another: RGB, grey and indexed, 8 bits. */

import type { ColourTable } from './colour-maps';
import type { DeflatedPart } from './deflate';
import { PartDeflater } from './deflate';
import type { GreyImage } from './image';
import { ColourType, chunk, pngFile, requireSize } from './png-file';
import { filterGrey, filterRgb } from './scanlines';

/**
 * Writes one picture after another. Keeps its working memory, because fresh memory for each of a hundred pictures costs
 * more than compressing them.
 */
export class PngEncoder {
  private readonly deflater = new PartDeflater();
  private scanlines = new Uint8Array(0);

  /** 8-bit RGB, of pixels as `packed` makes them. */
  packed(width: number, height: number, pixels: Int32Array): Buffer {
    requireSize(width, height, pixels.length, 1);
    const part = this.band(width, pixels, new Int32Array(width));
    return pngFile(width, height, ColourType.Rgb, [], [part]);
  }

  /** 8-bit greyscale. */
  grey({ width, height, data }: GreyImage): Buffer {
    requireSize(width, height, data.length, 1);
    return pngFile(width, height, ColourType.Grey, [], [this.levels(width, height, data)]);
  }

  /** 8-bit palette: each level stands for its colour in `table`. */
  indexed({ width, height, data }: GreyImage, table: ColourTable): Buffer {
    requireSize(width, height, data.length, 1);
    return pngFile(
      width,
      height,
      ColourType.Indexed,
      [chunk('PLTE', table)],
      [this.levels(width, height, data)],
    );
  }

  /** Rows of RGB pixels below the row `above`. */
  band(width: number, pixels: Int32Array, above: Int32Array): DeflatedPart {
    const rows = pixels.length / width;
    const out = this.room(rows * (3 * width + 1));
    filterRgb(pixels, above, out);
    return this.deflater.deflate(out);
  }

  private levels(width: number, height: number, data: Uint8Array): DeflatedPart {
    const out = this.room(height * (width + 1));
    filterGrey(data, new Uint8Array(width), out);
    return this.deflater.deflate(out);
  }

  private room(bytes: number): Uint8Array {
    if (this.scanlines.length < bytes) this.scanlines = new Uint8Array(bytes);
    return this.scanlines.subarray(0, bytes);
  }
}
