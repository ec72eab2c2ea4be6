/** A picture with faces of known relative size: one photograph several times, each copy a fraction of the one before. */
import { decodeImage } from '../../server/src/imaging/decode';
import type { RgbImage } from '../../server/src/imaging/image';
import { resizeRgb } from '../../server/src/imaging/resize';

/** Sides of the copies as shares of the picture's height: the first at the left, the others in a column beside it. */
const SHARES = [1, 1 / 3, 1 / 6, 1 / 12, 1 / 24] as const;

/** Four thirds as wide as high. @param path a square photograph */
export async function groupPicture(path: string, width: number, height: number): Promise<RgbImage> {
  const { image } = await decodeImage(path);
  const data = new Uint8Array(3 * width * height).fill(127);
  let top = 0;
  for (const [index, share] of SHARES.entries()) {
    const side = Math.round(height * share);
    const copy = resizeRgb(image, side, side);
    const left = index === 0 ? 0 : height;
    const columns = Math.min(side, width - left);
    for (let row = 0; row < side; row++) {
      const source = copy.data.subarray(3 * row * side, 3 * (row * side + columns));
      data.set(source, 3 * ((top + row) * width + left));
    }
    if (index > 0) top += side;
  }
  return { width, height, data };
}
