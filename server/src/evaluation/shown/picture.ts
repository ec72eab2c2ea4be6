/** A small picture for the gallery: what the network sees of a row's picture, so that its heatmap lies over it cell by cell. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { EvaluationPicture } from '../../../../protocol/evaluation';
import { LensError } from '../../errors';
import { decodeImage, type DecodedImage } from '../../imaging/decode';
import type { RgbImage } from '../../imaging/image';
import type { Row } from '../row';
import { frameFile } from '../video/video-scores';

/** Pixels of the longer side. */
export const SIDE = 128;

/** Gray level where the network sees padding. */
const PADDING = 128;

/**
 * For a video, only the strongest frames exist.
 * @param folder of the evaluation
 * @param root folder that the row's path is relative to and stays below, links resolved
 * @param layer index into the table's layers; null for none
 * @throws LensError of kind `image`
 */
export async function shownPicture(
  { folder, root }: { readonly folder: string; readonly root: string },
  row: Row,
  layer: number | null,
  signal?: AbortSignal,
): Promise<EvaluationPicture> {
  const { moment } = row;
  const decoded =
    moment === undefined
      ? await decodeImage(join(root, row.path), { signal, below: root })
      : await frameIn(folder, moment.time, signal);
  const { image } = decoded;
  // Frames are hashed by their pixels, pictures by their files.
  const sha256 =
    moment === undefined ? decoded.sha256 : createHash('sha256').update(image.data).digest('hex');
  if (row.sha256 !== null && sha256 !== row.sha256)
    throw new LensError('image', `${row.path} has changed since it was evaluated.`, {
      fix: 'Evaluate the set again.',
    });
  const small = reduced(image, row.view ?? [0, 0, 1, 1]);
  return {
    ...{ width: small.width, height: small.height },
    pixels: Buffer.from(small.data).toString('base64'),
    grid: layer === null ? null : (row.heat[layer]?.grid ?? null),
  };
}

async function frameIn(folder: string, time: number, signal?: AbortSignal): Promise<DecodedImage> {
  try {
    return await decodeImage(join(folder, frameFile(time)), { signal, below: folder });
  } catch (thrown) {
    if (!(thrown instanceof LensError) || thrown.code !== 'no-file') throw thrown;
    throw new LensError('image', 'Of a video, only the strongest frames are kept as pictures.', {
      fix: 'Open one of the strongest frames.',
    });
  }
}

/**
 * Means over the pixels under each small one (nearest where there is less than one).
 * @param view x0, y0, x1, y1 as shares of the picture; the rest is gray
 */
export function reduced(
  { width, height, data }: RgbImage,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
): RgbImage {
  const [left, top, across, down] = [x0 * width, y0 * height, (x1 - x0) * width, (y1 - y0) * height];
  const scale = SIDE / Math.max(across, down, 1);
  const size = {
    width: Math.max(1, Math.round(across * scale)),
    height: Math.max(1, Math.round(down * scale)),
  };
  const out = new Uint8Array(size.width * size.height * 3);
  const range = (from: number, step: number, i: number): readonly [number, number] => {
    const first = Math.floor(from + i * step);
    return [first, Math.max(first + 1, Math.floor(from + (i + 1) * step))];
  };
  for (let row = 0, at = 0; row < size.height; row++) {
    const [fromY, toY] = range(top, down / size.height, row);
    for (let column = 0; column < size.width; column++, at += 3) {
      const [fromX, toX] = range(left, across / size.width, column);
      const sums = [0, 0, 0];
      for (let y = fromY; y < toY; y++) {
        for (let x = fromX; x < toX; x++) {
          const inside = x >= 0 && y >= 0 && x < width && y < height;
          for (let c = 0; c < 3; c++)
            sums[c] = (sums[c] as number) + (inside ? (data[(y * width + x) * 3 + c] as number) : PADDING);
        }
      }
      const count = (toY - fromY) * (toX - fromX);
      for (let c = 0; c < 3; c++) out[at + c] = Math.round((sums[c] as number) / count);
    }
  }
  return { ...size, data: out };
}
