/**
 * The difference hash of a picture, as ImageHash 4.3 computes it (`dhash`): gray by Pillow's convert("L"), 9 x 8 pixels by its Lanczos filter,
 * and a bit for each pixel that is brighter than its left neighbor, row by row. Copies that were scaled, compressed again or made a
 * little brighter keep nearly all of its 64 bits; crops, turns and mirrors do not.
 */
import type { RgbImage } from '../../imaging/image';
import { LANCZOS } from '../../imaging/resampling/filters';
import { resizePillow } from '../../imaging/resampling/pillow';

const SIDE = 8;

/** 16 hexadecimal digits. */
export function dhashOf(image: RgbImage): string {
  const { data } = resizePillow(gray(image), SIDE + 1, SIDE, LANCZOS);
  let hash = '';
  for (let row = 0; row < SIDE; row++) {
    let bits = 0;
    for (let column = 0; column < SIDE; column++) {
      const at = row * (SIDE + 1) + column;
      bits = 2 * bits + ((data[at + 1] as number) > (data[at] as number) ? 1 : 0);
    }
    hash += bits.toString(16).padStart(2, '0');
  }
  return hash;
}

/** Pillow's L24: ITU-R 601 with 16 bits. */
function gray({ width, height, data }: RgbImage) {
  const levels = new Uint8Array(width * height);
  for (let i = 0, at = 0; i < levels.length; i++, at += 3)
    levels[i] =
      ((data[at] as number) * 19595 +
        (data[at + 1] as number) * 38470 +
        (data[at + 2] as number) * 7471 +
        32768) >>>
      16;
  return { width, height, channels: 1, data: levels };
}
