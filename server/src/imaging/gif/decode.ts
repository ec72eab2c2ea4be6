/** The first frame of a GIF on its canvas, as OpenCV paints it. */

import type { CheckSize, Decoded, DecodeNote } from '../decoded';
import { firstFrameOnly } from '../notes';
import { PictureError } from '../problems';
import { inflateLzw } from './lzw';
import { readGif } from './blocks';
import type { GifFrame } from './blocks';

/**
 * The canvas begins as the background color, or black without a global palette; pixels of the transparent index leave it as it is. A
 * frame's palette comes before the global one, and without any palette an index is its own gray level, except 1, which is white. What
 * later frames and disposal would do never shows, because only the first frame is read (OpenCV 4.12, grfmt_gif.cpp).
 *
 * @throws PictureError
 */
export function decodeGif(file: Buffer, checkSize: CheckSize): Decoded {
  const { width, height, background, palette, frame, frames } = readGif(file);
  checkSize(width, height);
  const data = new Uint8Array(width * height * 3);
  if (palette !== null) fill(data, palette.subarray(background * 3, background * 3 + 3));
  const colors = colorsOf(frame, palette);
  const indices = inflateLzw(frame.data, frame.minCodeSize, frame.width * frame.height);
  let seen = 0;
  for (let row = 0, i = 0; row < frame.height; row++) {
    let o =
      ((frame.top + (frame.interlaced ? interlacedRow(row, frame.height) : row)) * width + frame.left) * 3;
    for (let x = 0; x < frame.width; x++, i++, o += 3) {
      const index = indices[i] as number;
      if (index === frame.transparent) {
        seen++;
        continue;
      }
      if (index * 3 >= colors.length) throw PictureError.damaged(`color ${index} is not in its palette`);
      data[o] = colors[index * 3] as number;
      data[o + 1] = colors[index * 3 + 1] as number;
      data[o + 2] = colors[index * 3 + 2] as number;
    }
  }
  const notes: DecodeNote[] = [];
  const uncovered = frame.width * frame.height < width * height;
  if (seen > 0 || uncovered) notes.push(BACKGROUND);
  if (frames > 1) notes.push(firstFrameOnly(frames));
  return {
    image: { width, height, data },
    bitDepth: 8,
    colorSpace: 'srgb',
    exifOrientation: 1,
    hadAlpha: frame.transparent !== null,
    frames,
    notes,
  };
}

/** RGB of every index that may occur: the frame's own palette, continued by the global one. */
function colorsOf(frame: GifFrame, global: Uint8Array | null): Uint8Array {
  if (frame.palette === null && global === null)
    return Uint8Array.from({ length: 256 * 3 }, (_, i) => (i >= 3 && i < 6 ? 255 : i / 3));
  const own = frame.palette ?? new Uint8Array(0);
  return Uint8Array.from([...own, ...(global ?? own).subarray(own.length)]);
}

/** Rows come as every eighth from 0, every eighth from 4, every fourth from 2, every second from 1 (GIF89a, appendix E). */
function interlacedRow(row: number, height: number): number {
  for (const [start, step] of PASSES) {
    const rows = Math.ceil((height - start) / step);
    if (row < rows) return start + row * step;
    row -= Math.max(rows, 0);
  }
  throw new RangeError(`A picture of ${height} rows has no row ${row}.`);
}

const PASSES = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

/** By doubling what is filled. */
function fill(data: Uint8Array, color: Uint8Array): void {
  data.set(color);
  for (let done = color.length; done < data.length; done *= 2) data.copyWithin(done, 0, done);
}

const BACKGROUND: DecodeNote = {
  code: 'alpha-dropped',
  message:
    'The first frame leaves pixels transparent or uncovered; they are analyzed in the background color of the GIF, as OpenCV reads them.',
};
