/** Masks of pictures: for `cat/1.jpg` the file `cat/1.png` (or another image) below the folder of masks, as large as the picture. */
import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isReallyInside } from '../../../files/inside';
import { IMAGE_EXTENSIONS } from '../../../protocol/vocabulary';
import { LensError } from '../errors';
import { decodeImage } from '../imaging/decode';
import type { Box, RgbImage } from '../imaging/image';

/** Why a picture has no share of attention in its mask; codes of the table. */
export type MaskFault = 'no-mask' | 'mask-size' | 'mask-values' | 'mask-unreadable';

export interface Mask {
  /** The share of a box inside the mask; parts outside the picture count as 0. @param box in pixels of the picture */
  share(box: Box): number;
}

/** A picture or its mask, and the folder that it has to lie below; undefined where it may lie anywhere. */
export interface PictureFile {
  readonly file: string;
  readonly below?: string;
}

/** @throws LensError of kind `usage` where there is no such folder */
export function requireMasks(folder: string): string {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return folder;
  throw new LensError('usage', `${folder}: expected a folder of masks, found none.`, {
    fix: 'For a picture cat/1.jpg of the set it holds the mask cat/1.png, as large as the picture.',
  });
}

/** The first that exists, and is no link out of the folder that the user named; null for none. */
export async function maskFile(root: string, picture: string): Promise<PictureFile | null> {
  const stem = picture.replace(/\.[^./]*$/, '');
  for (const extension of ['png', ...IMAGE_EXTENSIONS]) {
    const file = join(root, `${stem}.${extension}`);
    if ((await stat(file).catch(() => null))?.isFile() === true && (await isReallyInside(file, root)))
      return { file, below: root };
  }
  return null;
}

/** @param size of the picture */
export async function readMask(
  mask: PictureFile | null,
  size: { readonly width: number; readonly height: number },
  signal?: AbortSignal,
): Promise<Mask | MaskFault> {
  if (mask === null) return 'no-mask';
  const { file, ...below } = mask;
  const decoded = await decodeImage(file, { signal, ...below }).catch(() => {
    signal?.throwIfAborted();
    return null;
  });
  if (decoded === null) return 'mask-unreadable';
  const { image } = decoded;
  if (image.width !== size.width || image.height !== size.height) return 'mask-size';
  const inside = insideOf(image);
  return inside === null ? 'mask-values' : maskOf(inside, image.width, image.height);
}

/**
 * Two values, one of them 0, such as 0 and 1 or 0 and 255: inside is what is not 0. More values are smoothed edges, and
 * inside is brighter than half; but if nothing is, they are class indices, and it is unknown which one is meant.
 */
function insideOf({ data }: RgbImage): Uint8Array | null {
  const levels = new Uint8Array(data.length / 3);
  const seen = new Set<number>();
  for (let i = 0; i < levels.length; i++) {
    const level = Math.max(data[3 * i] as number, data[3 * i + 1] as number, data[3 * i + 2] as number);
    levels[i] = level;
    seen.add(level);
  }
  const isTwo = seen.size <= 2 && (seen.has(0) || seen.size === 1);
  const least = isTwo ? 1 : 128;
  if (!isTwo && Math.max(...seen) < least) return null;
  return levels.map((level) => (level >= least ? 1 : 0));
}

/** Uses a summed-area table, so that a box takes four look-ups; fractions of pixels count as fractions. */
export function maskOf(inside: Uint8Array, width: number, height: number): Mask {
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += inside[y * width + x] as number;
      sums[(y + 1) * (width + 1) + x + 1] = (sums[y * (width + 1) + x + 1] as number) + row;
    }
  }
  /** Pixels inside above and left of (x, y); linear between the corners of pixels, which is exact for squares of one value. */
  const above = (x: number, y: number): number => {
    const [cx, cy] = [Math.min(width, Math.max(0, x)), Math.min(height, Math.max(0, y))];
    const [x0, y0] = [Math.min(width - 1, Math.floor(cx)), Math.min(height - 1, Math.floor(cy))];
    const at = (i: number, j: number): number => sums[j * (width + 1) + i] as number;
    const [fx, fy] = [cx - x0, cy - y0];
    const top = at(x0, y0) * (1 - fx) + at(x0 + 1, y0) * fx;
    const bottom = at(x0, y0 + 1) * (1 - fx) + at(x0 + 1, y0 + 1) * fx;
    return top * (1 - fy) + bottom * fy;
  };
  return {
    share: ([x0, y0, x1, y1]) => {
      const area = (x1 - x0) * (y1 - y0);
      return area > 0 ? (above(x1, y1) - above(x0, y1) - above(x1, y0) + above(x0, y0)) / area : 0;
    },
  };
}
