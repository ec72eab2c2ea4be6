/**
 * The difference hash of a picture, as ImageHash 4.3 computes it (`dhash`): gray by Pillow's convert("L"), 9 x 8 pixels by its Lanczos filter,
 * and a bit for each pixel that is brighter than its left neighbor, row by row. Copies that were scaled, compressed again or made a
 * little brighter keep nearly all of its 64 bits; crops, turns and mirrors do not.
 */
import type { RgbImage } from '../../imaging/image';
import type { Kernels } from '../../imaging/kernels';
import { LANCZOS } from '../../imaging/resampling/filters';
import { resampleFixed } from '../../imaging/resampling/fixed-point';
import { pillowTaps } from '../../imaging/resampling/pillow';
import type { FixedTaps } from '../../imaging/resampling/taps';

const SIDE = 8;
const COLUMNS = SIDE + 1;
/** Of the kernels' memory, for rows of the picture. */
const BLOCK_BYTES = 1 << 20;
/** Levels that a kernel takes at once. */
const LANES = 16;

/** 16 hexadecimal digits. @param kernels whose memory is used for as long as this takes */
export function dhashOf(image: RgbImage, kernels: Kernels): string {
  const narrow = { width: COLUMNS, height: image.height, channels: 1, data: grayColumns(image, kernels) };
  const { data } = resampleFixed(narrow, null, pillowTaps(image.height, SIDE, LANCZOS), kernels);
  let hash = '';
  for (let row = 0; row < SIDE; row++) {
    let bits = 0;
    for (let column = 0; column < SIDE; column++) {
      const at = row * COLUMNS + column;
      bits = 2 * bits + ((data[at + 1] as number) > (data[at] as number) ? 1 : 0);
    }
    hash += bits.toString(16).padStart(2, '0');
  }
  return hash;
}

/** A picture of this width is resized only in the other direction, which a single weight of 1 expresses. */
const unchanged: FixedTaps = {
  ...{ length: COLUMNS, span: 1, bits: 22 },
  firsts: Int32Array.from({ length: COLUMNS }, (_, column) => column),
  counts: new Int32Array(COLUMNS).fill(1),
  weights: new Int32Array(COLUMNS).fill(1 << 22),
};

/** The picture in gray, 9 pixels wide; a block of rows after another. */
function grayColumns({ width, height, data }: RgbImage, kernels: Kernels): Uint8Array {
  const { firsts, weights, span, bits } = pillowTaps(width, COLUMNS, LANCZOS) ?? unchanged;
  const lanes = Math.ceil(span / LANES) * LANES;
  const most = Math.max(1, Math.floor(BLOCK_BYTES / (3 * width)));
  const out = new Uint8Array(COLUMNS * height);
  return kernels.within(() => {
    const rows = Math.min(most, height);
    const rooms = {
      pixels: kernels.room(3 * width * rows),
      line: kernels.room(width + lanes + LANES),
      firsts: kernels.room(4 * COLUMNS),
      weights: kernels.room(4 * COLUMNS * lanes),
      out: kernels.room(COLUMNS * rows),
    };
    rooms.firsts.int32(COLUMNS).set(firsts);
    const padded = rooms.weights.int32(COLUMNS * lanes).fill(0);
    for (let column = 0; column < COLUMNS; column++)
      padded.set(weights.subarray(column * span, (column + 1) * span), column * lanes);
    for (let y = 0; y < height; y += rows) {
      const count = Math.min(rows, height - y);
      const pixels = rooms.pixels.bytes(3 * width * count);
      pixels.set(data.subarray(3 * width * y, 3 * width * (y + count)));
      const [from, line, to] = [rooms.pixels.fit(0), rooms.line.fit(0), rooms.out.fit(0)];
      const [first, weight] = [rooms.firsts.fit(0), rooms.weights.fit(0)];
      kernels.run.grayColumns(from, width, count, first, weight, lanes, COLUMNS, bits, line, to);
      out.set(rooms.out.bytes(COLUMNS * count), COLUMNS * y);
    }
    return out;
  });
}
