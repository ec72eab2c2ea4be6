/** The picture as it is analyzed: the file's own, or painted over by hand. Everything after this sees only the result. */
import { basename } from 'node:path';
import { paintStrokes, type Painted } from '../../../painting/strokes';
import type { Stroke } from '../../../protocol/strokes';
import { LensError } from '../errors';
import type { DecodedImage } from '../imaging/decode';
import type { RgbImage } from '../imaging/image';

export interface EditedImage extends DecodedImage {
  /** Null for the file as it is. */
  readonly edit: Edit | null;
}

export interface Edit {
  /** The file's picture. */
  readonly original: RgbImage;
  readonly strokes: number;
  /** Pixels that they cover. */
  readonly pixels: number;
}

/** Two pictures of this size are held at once. */
const MOST_PIXELS = 50_000_000;

/** Holds what was painted last: the same strokes give the same object, by which the following steps are recalled. */
interface Painting {
  paint(image: RgbImage, key: string, paint: () => Painted): Painted;
}

/** @param path as errors name it @throws LensError of kind `image` where the picture is too large to be edited */
export function withStrokes(
  decoded: DecodedImage,
  path: string,
  strokes: readonly Stroke[] | null,
  recall: Painting | null,
): EditedImage {
  if (strokes === null) return { ...decoded, edit: null };
  const { image: original } = decoded;
  const { image, pixels } = painted(original, path, strokes, recall);
  return { ...decoded, image, edit: { original, strokes: strokes.length, pixels } };
}

/** As `withStrokes`, but for pixels only. */
export function painted(
  image: RgbImage,
  path: string,
  strokes: readonly Stroke[],
  recall: Painting | null = null,
): Painted {
  const { width, height } = image;
  if (width * height > MOST_PIXELS)
    throw new LensError(
      'image',
      `${basename(path)} is too large to be painted over: ${width} x ${height} pixels; at most ${MOST_PIXELS / 1e6} megapixels.`,
      { fix: 'Make it smaller first, or analyze it without strokes.' },
    );
  const paint = () => paintStrokes(image, strokes);
  return recall?.paint(image, JSON.stringify(strokes), paint) ?? paint();
}
