/** What can be wrong with a picture, in four different sentences: unsupported, damaged, too large, unsafe. */

import { basename } from 'node:path';
import { LensError } from '../errors';
import type { ImageFormat } from './formats';

type Trouble = 'damaged' | 'unsupported' | 'unsafe';

/** Thrown by decoders, which know neither the file's name nor its reader. */
export class PictureError extends Error {
  override readonly name = 'PictureError';

  private constructor(
    readonly trouble: Trouble,
    message: string,
    readonly fix?: string,
  ) {
    super(message);
  }

  /** `what`: a clause, as in "the file ends within its palette". */
  static damaged(what: string): PictureError {
    return new PictureError('damaged', what);
  }

  /** `what`: a noun that follows "with", as in "ZSTD compression". */
  static unsupported(what: string, fix?: string): PictureError {
    return new PictureError('unsupported', what, fix);
  }

  /** Of files made to exhaust memory or time. `what`: a clause. */
  static unsafe(what: string): PictureError {
    return new PictureError('unsafe', what);
  }
}

const FORMAT_NAMES: Readonly<Record<ImageFormat, string>> = {
  jpeg: 'JPEG',
  png: 'PNG',
  webp: 'WebP',
  avif: 'AVIF',
  tiff: 'TIFF',
  gif: 'GIF',
  bmp: 'BMP',
  pbm: 'PBM',
  pgm: 'PGM',
  ppm: 'PPM',
};

const COPY_AGAIN = 'Copy or download the file again, or open it in an image editor and save it again.';

/** The sentence for the reader, which names the file. */
export function pictureProblem(path: string, format: ImageFormat, error: PictureError): LensError {
  const name = basename(path);
  const kind = `${FORMAT_NAMES[format]} image`;
  const options = (fix: string) => ({ fix, cause: error, code: `image-${error.trouble}` as const });
  switch (error.trouble) {
    case 'damaged':
      return new LensError('image', `${name} is a damaged ${kind}: ${error.message}.`, options(COPY_AGAIN));
    case 'unsupported':
      return new LensError(
        'image',
        `${name} is ${article(kind)} ${kind} with ${error.message}, which is not read.`,
        options(error.fix ?? 'Convert it to PNG.'),
      );
    case 'unsafe':
      return new LensError(
        'image',
        `${name} is an unsafe ${kind}: ${error.message}.`,
        options('Do not use this file; ask its sender for a PNG or JPEG of the picture.'),
      );
  }
}

export function tooLarge(
  path: string,
  format: ImageFormat,
  { width, height, maxPixels }: { width: number; height: number; maxPixels: number },
): LensError {
  const count = (n: number) => n.toLocaleString('en-US', { maximumFractionDigits: 1 });
  const special =
    maxPixels < 100e6 && (format === 'avif' || format === 'webp') ? ` for ${FORMAT_NAMES[format]}` : '';
  return new LensError(
    'image',
    `${basename(path)} is too large: ${width} x ${height} pixels (${count((width * height) / 1e6)} megapixels), ` +
      `above the limit of ${count(maxPixels / 1e6)} megapixels${special}.`,
    { fix: 'Scale the picture down, or cut out the part to analyze.', code: 'image-too-large' },
  );
}

const article = (noun: string): string => (/^[AEIOU]/.test(noun) ? 'an' : 'a');
