/** The pictures of test/reference/steps/pictures.py, by the same rule. */
import type { RgbImage } from '../../../../server/src/imaging/image';

const SIZES = {
  landscape: [113, 150],
  portrait: [120, 71],
  small: [30, 40],
  odd: [61, 89],
} as const;

export type PictureName = keyof typeof SIZES;

/** Half a ramp of each channel's own direction, half noise of a linear congruential generator. */
export function picture(name: PictureName): RgbImage {
  const [height, width] = SIZES[name];
  let state = Object.keys(SIZES).indexOf(name) + 1;
  const data = new Uint8Array(width * height * 3);
  let at = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (const ramp of [(x * 255) / width, (y * 255) / height, ((x + y) * 255) / (width + height)]) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const block = (Math.floor(x / 8) + Math.floor(y / 8)) % 4;
        data[at++] = block === 0 ? (state >>> 31) * 255 : (Math.floor(ramp) + (state >>> 24)) >> 1;
      }
  return { width, height, data };
}
