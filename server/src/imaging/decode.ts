/** An image file as 8-bit RGB pixels, the numbers `cv2.imread` would give. */

import { basename } from 'node:path';
import { LensError, throwIfAborted } from '../errors';
import { SNIFF_BYTES, SUPPORTED_FORMATS, sniffFormat } from './formats';
import type { ImageFormat } from './formats';
import type { CheckSize, Decoded, DecodedImage } from './decoded';
import type { RgbImage } from './image';
import type { ImageFile } from './image-file';
import { firstFrameOnly } from './notes';
import { framesOf } from './png/animation';
import { PictureError, pictureProblem, tooLarge } from './problems';
import { withImageFile } from './read-file';
import { decodeWithSharp } from './sharp-decoder';

export type { DecodedImage, DecodeNote } from './decoded';

export interface DecodeOptions {
  /** Pictures with more pixels are refused before any pixel is decoded. Default: 100 million; Infinity: no limit. */
  readonly maxPixels?: number;
  readonly signal?: AbortSignal | undefined;
  /** Folder of a set: the file has to lie below it once it is open. Anywhere by default. */
  readonly below?: string;
}

const DEFAULT_MAX_PIXELS = 100_000_000;

/**
 * Most pixels that fit 512 MiB where the decoder itself needs much memory: libheif's planes take 15 bytes a
 * pixel, libwebp's 9.
 */
const MOST_PIXELS: Readonly<Partial<Record<ImageFormat, number>>> = { avif: 34_000_000, webp: 56_000_000 };

/**
 * Decodes a JPEG, PNG, WebP, AVIF, TIFF, GIF (first frame), BMP, PPM, PGM or PBM as `cv2.imread(path)` does: EXIF orientation
 * applied; 16 bits per channel narrowed to 8; gray repeated over the channels; alpha dropped, the colors below it as
 * stored (blending it over a background would change numbers that OpenCV keeps); color profiles ignored; inks
 * converted by OpenCV's arithmetic. Where such a step loses something, `notes` says so. docs/images.md says, format by format,
 * what is read, and where it differs from OpenCV.
 *
 * Throws a LensError of kind `image` for a file that is missing, unreadable, damaged, unsupported, too large or no image.
 */
export async function decodeImage(path: string, options: DecodeOptions = {}): Promise<DecodedImage> {
  throwIfAborted(options.signal);
  return withImageFile(path, (file) => decodeFile(path, file, options), options.below);
}

/** Hash of the file's bytes, as `DecodedImage` has it. @throws LensError of kind `image` where it cannot be read */
export const hashImage = (path: string, below?: string): Promise<string> =>
  withImageFile(path, (file) => Promise.resolve(file.sha256()), below);

async function decodeFile(path: string, file: ImageFile, options: DecodeOptions): Promise<DecodedImage> {
  throwIfAborted(options.signal);
  const sniffed = sniffFormat(file.slice(0, SNIFF_BYTES));
  if (sniffed.format === null) {
    throw new LensError('image', `${basename(path)} is ${sniffed.found}.`, {
      code: sniffed.picture === true ? 'image-unsupported' : 'not-an-image',
      fix: sniffed.fix ?? `Give an image: ${SUPPORTED_FORMATS} are read.`,
    });
  }
  const { format } = sniffed;
  const { maxPixels = Math.min(DEFAULT_MAX_PIXELS, MOST_PIXELS[format] ?? Infinity) } = options;
  const checkSize: CheckSize = (width, height) => {
    if (width * height > maxPixels) throw tooLarge(path, format, { width, height, maxPixels });
  };
  try {
    const decoded = await decodeFormat(format, file, checkSize);
    throwIfAborted(options.signal);
    const { width, height } = decoded.image;
    return { ...decoded, format, width, height, bytes: file.length, sha256: file.sha256() };
  } catch (error) {
    throw error instanceof PictureError ? pictureProblem(path, format, error) : error;
  }
}

/** JPEG, PNG and WebP are what most pictures are: the code of the others is loaded by the first of their kind. */
async function decodeFormat(format: ImageFormat, file: ImageFile, checkSize: CheckSize): Promise<Decoded> {
  switch (format) {
    case 'bmp': {
      const { readBmpHeader } = await import('./bmp/header');
      const { decodeBmp } = await import('./bmp/decode');
      const header = readBmpHeader(file);
      checkSize(header.width, header.height);
      return plain(decodeBmp(file, header), Math.min(header.bitsPerPixel, 8));
    }
    case 'gif':
      return (await import('./gif/decode')).decodeGif(file.whole(), checkSize);
    case 'avif':
      return (await import('./avif/decode')).decodeAvif(file.whole(), checkSize);
    case 'tiff':
      return (await import('./tiff/decode')).decodeTiff(file, checkSize);
    case 'pbm':
    case 'pgm':
    case 'ppm': {
      const { decodeNetpbm, readNetpbmHeader } = await import('./netpbm');
      const header = readNetpbmHeader(file);
      checkSize(header.width, header.height);
      const bitDepth = header.bitmap ? 1 : header.maxval > 255 ? 16 : 8;
      return plain(decodeNetpbm(file, header), bitDepth, header.channels === 1 ? 'b-w' : 'srgb');
    }
    case 'png':
      return withFrames(await decodeWithSharp(file.source, checkSize), framesOf(file));
    default:
      return decodeWithSharp(file.source, checkSize);
  }
}

/** libvips reads an animated PNG as a plain one. */
const withFrames = (decoded: Decoded, frames: number): Decoded =>
  frames === 1 ? decoded : { ...decoded, frames, notes: [...decoded.notes, firstFrameOnly(frames)] };

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
