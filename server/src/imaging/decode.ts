/** An image file as 8-bit RGB pixels, the numbers `cv2.imread` would give. */

import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { LensError, throwIfAborted } from '../errors';
import { decodeAvif } from './avif/decode';
import { decodeBmp } from './bmp/decode';
import { readBmpHeader } from './bmp/header';
import { SUPPORTED_FORMATS, sniffFormat } from './formats';
import type { ImageFormat } from './formats';
import { decodeGif } from './gif/decode';
import type { CheckSize, Decoded, DecodedImage } from './decoded';
import type { RgbImage } from './image';
import { decodeNetpbm, readNetpbmHeader } from './netpbm';
import { PictureError, pictureProblem, tooLarge } from './problems';
import { readImageFile } from './read-file';
import { decodeWithSharp } from './sharp-decoder';
import { decodeTiff } from './tiff/decode';

export type { DecodedImage, DecodeNote } from './decoded';

export interface DecodeOptions {
  /** Pictures with more pixels are refused before any pixel is decoded. Default: 100 million; Infinity: no limit. */
  readonly maxPixels?: number;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_MAX_PIXELS = 100_000_000;

/**
 * Decodes a JPEG, PNG, WebP, AVIF, TIFF, GIF (first frame), BMP, PPM, PGM or PBM as `cv2.imread(path)` does: EXIF orientation
 * applied; 16 bits a channel narrowed to 8; gray repeated over the channels; alpha dropped, the colors below it as
 * stored (blending it over a background would change numbers that OpenCV keeps); color profiles ignored; inks
 * converted by OpenCV's arithmetic. Where such a step loses something, `notes` says so. docs/images.md says, format by format,
 * what is read, and where it differs from OpenCV.
 *
 * Throws a LensError of kind `image` for a file that is missing, unreadable, damaged, unsupported, too large or no image.
 */
export async function decodeImage(path: string, options: DecodeOptions = {}): Promise<DecodedImage> {
  const maxPixels = options.maxPixels ?? DEFAULT_MAX_PIXELS;
  throwIfAborted(options.signal);
  const file = await readImageFile(path);
  throwIfAborted(options.signal);
  const sniffed = sniffFormat(file);
  if (sniffed.format === null) {
    throw new LensError('image', `${basename(path)} is ${sniffed.found}.`, {
      fix: sniffed.fix ?? `Give an image: ${SUPPORTED_FORMATS} are read.`,
    });
  }
  const { format } = sniffed;
  const checkSize: CheckSize = (width, height) => {
    if (width * height > maxPixels) throw tooLarge(path, width, height, maxPixels);
  };
  try {
    const decoded = await decodeFormat(format, file, checkSize);
    throwIfAborted(options.signal);
    const sha256 = createHash('sha256').update(file).digest('hex');
    const { width, height } = decoded.image;
    return { ...decoded, format, width, height, bytes: file.length, sha256 };
  } catch (error) {
    throw error instanceof PictureError ? pictureProblem(path, format, error) : error;
  }
}

async function decodeFormat(format: ImageFormat, file: Buffer, checkSize: CheckSize): Promise<Decoded> {
  switch (format) {
    case 'bmp': {
      const header = readBmpHeader(file);
      checkSize(header.width, header.height);
      return plain(decodeBmp(file, header), Math.min(header.bitsPerPixel, 8));
    }
    case 'gif':
      return decodeGif(file, checkSize);
    case 'avif':
      return decodeAvif(file, checkSize);
    case 'tiff':
      return decodeTiff(file, checkSize);
    case 'pbm':
    case 'pgm':
    case 'ppm': {
      const header = readNetpbmHeader(file);
      checkSize(header.width, header.height);
      const bitDepth = header.bitmap ? 1 : header.maxval > 255 ? 16 : 8;
      return plain(decodeNetpbm(file, header), bitDepth, header.channels === 1 ? 'b-w' : 'srgb');
    }
    default:
      return decodeWithSharp(file, checkSize);
  }
}

/** Of a format that holds one picture and neither alpha, orientation nor profile. */
const plain = (image: RgbImage, bitDepth: number, colorSpace = 'srgb'): Decoded => ({
  image,
  bitDepth,
  colorSpace,
  exifOrientation: 1,
  hadAlpha: false,
  frames: 1,
  notes: [],
});
