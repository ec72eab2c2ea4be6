/** PNG pictures one after another, 8 bits: RGB, gray, indexed; and maps in colors. */

import { WHITE } from '../../../../painting/levels';
import type { ColorTable } from '../color-maps';
import type { DeflatedPart } from './deflate';
import { PartDeflater } from './deflate';
import type { GrayImage } from '../image';
import { Kernels } from '../kernels';
import type { Room } from '../kernels';
import { ColorType, pngFile, requireSize } from './file';
import type { RangedValues } from '../../../../painting/separable';

/**
 * Writes one picture after another. Reuses its working memory, because fresh memory for each of a hundred
 * pictures costs more than compressing them.
 *
 * Rows are filtered by type Average, which is chosen for speed: Paeth makes files a fifth smaller, but its
 * unpredictable branches take five times as long, and Sub makes them larger.
 */
export class PngEncoder {
  private readonly deflater: PartDeflater;
  private readonly pixels: Room;
  private readonly above: Room;
  private readonly line: Room;
  private readonly scanlines: Room;

  constructor(readonly kernels = new Kernels()) {
    this.deflater = new PartDeflater(kernels);
    this.pixels = kernels.room(0);
    this.above = kernels.room(0);
    this.line = kernels.room(0);
    this.scanlines = kernels.room(0);
  }

  /** 8-bit grayscale. */
  gray({ width, height, data }: GrayImage): Buffer {
    requireSize(width, height, data.length, 1);
    return pngFile(width, height, ColorType.Gray, [], [this.levels(width, height, data)]);
  }

  /** 8-bit palette: each level is its color in `table`. */
  indexed({ width, height, data }: GrayImage, table: ColorTable): Buffer {
    requireSize(width, height, data.length, 1);
    return indexedFile(width, height, table, this.levels(width, height, data));
  }

  /** Rows of RGB pixels below the row `above`; null where they are the first. */
  band(width: number, data: Uint8Array, above: Uint8Array | null): DeflatedPart {
    const height = data.length / (3 * width);
    this.pixels.bytes(data.length).set(data);
    const line = this.firstAbove(3 * width, above);
    const length = height * (3 * width + 1);
    this.kernels.run.filterRgb(this.pixels.at(0), width, height, line, this.scanlines.fit(length));
    const part = this.deflater.deflate(this.scanlines, length);
    return { ...part, bytes: part.bytes.slice() };
  }

  /** A map as a palette picture: level trunc(255 * (v - min) / (max - min)). */
  map({ room, min, max }: RangedValues, width: number, height: number, table: ColorTable): Buffer {
    const { run } = this.kernels;
    const above = this.firstAbove(width, null);
    const length = height * (width + 1);
    const out = this.scanlines.fit(length);
    run.activation(room.at(4 * width * height), width, height, min, WHITE / (max - min), above, out);
    return indexedFile(width, height, table, this.deflater.deflate(this.scanlines, length));
  }

  /**
   * A map in colors over a picture of its size: 0.5 * picture + 0.5 * colors[level], levels as above, halves rounded to even as
   * `cv2.addWeighted` rounds them.
   * @param picture RGB bytes
   * @param colors as `placeColors` makes them
   */
  overlay(
    { room, min, max }: RangedValues,
    width: number,
    height: number,
    picture: Room,
    colors: Room,
  ): Buffer {
    const above = this.firstAbove(3 * width, null);
    const length = height * (3 * width + 1);
    const out = this.scanlines.fit(length);
    this.kernels.run.overlay(
      room.at(4 * width * height),
      ...([width, height, min, WHITE / (max - min)] as const),
      ...([
        picture.at(3 * width * height),
        colors.at(COLORS_BYTES),
        this.line.fit(LINE * width + 64),
      ] as const),
      above,
      out,
    );
    return pngFile(width, height, ColorType.Rgb, [], [this.deflater.deflate(this.scanlines, length)]);
  }

  private levels(width: number, height: number, data: Uint8Array): DeflatedPart {
    this.pixels.bytes(data.length).set(data);
    const above = this.firstAbove(width, null);
    const length = height * (width + 1);
    this.kernels.run.filterBytes(this.pixels.at(0), width, height, above, this.scanlines.fit(length));
    return this.deflater.deflate(this.scanlines, length);
  }

  private firstAbove(bytes: number, row: Uint8Array | null): number {
    const above = this.above.bytes(bytes);
    if (row === null) above.fill(0);
    else above.set(row);
    return this.above.at(0);
  }
}

/** Of a row that is being colored: RGB, and the level. */
const LINE = 4;

const COLORS_BYTES = 4 * 256;

/** The table's 256 colors as the overlay's kernel expects them, four bytes each. */
export function placeColors(kernels: Kernels, table: ColorTable): Room {
  const room = kernels.room(COLORS_BYTES);
  const colors = room.bytes(COLORS_BYTES);
  for (let i = 0; i < 256; i++) colors.set(table.subarray(3 * i, 3 * i + 3), 4 * i);
  return room;
}

function indexedFile(width: number, height: number, table: ColorTable, levels: DeflatedPart): Buffer {
  return pngFile(width, height, ColorType.Indexed, [['PLTE', table]], [levels]);
}
