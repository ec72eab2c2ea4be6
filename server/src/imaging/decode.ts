/** An image file as 8-bit RGB pixels, the numbers `cv2.imread` would give. */

import { createHash } from 'node:crypto';
import type { Metadata, SharpOptions } from 'sharp';
import { LensError, throwIfAborted } from '../errors';
import { BmpError, decodeBmp, readBmpHeader } from './bmp';
import { SUPPORTED_FORMATS, sniffFormat } from './formats';
import type { ImageFormat } from './formats';
import type { RgbImage } from './image';
import { dropAlpha, inksToRgb, narrowTiff } from './pixel-layouts';
import { readImageFile } from './read-file';
import { loadSharp } from './sharp';

export interface DecodedImage {
  readonly image: RgbImage;
  readonly format: ImageFormat;
  /** After the EXIF orientation. */
  readonly width: number;
  readonly height: number;
  /** 1..8; 1 where the file states none. */
  readonly exifOrientation: number;
  /** Of one channel in the file. */
  readonly bitDepth: number;
  /** libvips' name of the file's colour space: `srgb`, `b-w`, `cmyk`, `rgb16`, `grey16`, `lab`, ... */
  readonly colourSpace: string;
  readonly hadAlpha: boolean;
  /** Pictures in the file; the first was decoded. */
  readonly frames: number;
  /** Size of the file. */
  readonly bytes: number;
  /** Of the file, in hex. */
  readonly sha256: string;
  readonly notes: readonly DecodeNote[];
}

/** What was left out on the way to plain RGB. */
export interface DecodeNote {
  readonly code: 'alpha-dropped' | 'first-frame-only' | 'colour-profile-ignored';
  readonly message: string;
}

export interface DecodeOptions {
  /** Pictures with more pixels are refused before any pixel is decoded. Default: 100 million; Infinity: no limit. */
  readonly maxPixels?: number;
  readonly signal?: AbortSignal | undefined;
}

export const DEFAULT_MAX_PIXELS = 100_000_000;

/**
 * Decodes a JPEG, PNG, WebP, AVIF, TIFF, GIF (first frame) or BMP as `cv2.imread(path)` does: EXIF orientation
 * applied; 16 bits a channel shifted to 8; grey repeated over the channels; alpha dropped, the colours below it as
 * stored (blending it over a background would change numbers that OpenCV keeps); colour profiles ignored; inks
 * converted by OpenCV's arithmetic. Where such a step loses something, `notes` says so.
 *
 * Known differences to OpenCV 4.12: it ignores the EXIF orientation of WebP and the masks of BMPs with the oldest
 * header (both honoured here), darkens partly transparent TIFF pixels (here the colours stay as stored), and upsamples
 * AVIF's chroma more smoothly than libheif.
 *
 * Throws a LensError of kind `image` for a file that is missing, unreadable, damaged, too large or no such picture.
 */
export async function decodeImage(path: string, options: DecodeOptions = {}): Promise<DecodedImage> {
  const maxPixels = options.maxPixels ?? DEFAULT_MAX_PIXELS;
  throwIfAborted(options.signal);
  const file = await readImageFile(path);
  throwIfAborted(options.signal);
  const sniffed = sniffFormat(file);
  if (sniffed.format === null) {
    throw new LensError('image', `${path}: expected ${SUPPORTED_FORMATS}, found ${sniffed.found}.`, {
      fix: sniffed.fix ?? 'Give a picture, or convert this file to PNG or JPEG.',
    });
  }
  const decoded =
    sniffed.format === 'bmp'
      ? decodeBmpFile(path, file, maxPixels)
      : await decodeWithSharp(path, file, sniffed.format, maxPixels);
  throwIfAborted(options.signal);
  const sha256 = createHash('sha256').update(file).digest('hex');
  const { width, height } = decoded.image;
  return { ...decoded, format: sniffed.format, width, height, bytes: file.length, sha256 };
}

type Decoded = Omit<DecodedImage, 'format' | 'width' | 'height' | 'bytes' | 'sha256'>;

function decodeBmpFile(path: string, file: Buffer, maxPixels: number): Decoded {
  try {
    const header = readBmpHeader(file);
    requirePixels(path, header.width, header.height, maxPixels);
    return {
      image: decodeBmp(file, header),
      exifOrientation: 1,
      bitDepth: header.bitsPerPixel <= 8 ? header.bitsPerPixel : 8,
      colourSpace: 'srgb',
      hadAlpha: false,
      frames: 1,
      notes: [],
    };
  } catch (error) {
    if (error instanceof BmpError) throw damaged(path, 'bmp', error.message, error);
    throw error;
  }
}

async function decodeWithSharp(
  path: string,
  file: Buffer,
  format: ImageFormat,
  maxPixels: number,
): Promise<Decoded> {
  const metadata = await readMetadata(path, file, format);
  requirePixels(path, metadata.width, metadata.height, maxPixels);
  const bitDepth = bitDepthOf(metadata);
  if (metadata.depth !== 'uchar' && metadata.depth !== 'ushort') {
    throw new LensError(
      'image',
      `${path}: expected 8 or 16 bits per channel, found ${metadata.depth} samples.`,
      { fix: 'Save it with 8 or 16 bits per channel.' },
    );
  }
  const options: SharpOptions = {
    // `error` includes truncation; `warning` would refuse pictures that every viewer shows.
    failOn: 'error',
    limitInputPixels: Number.isFinite(maxPixels) ? maxPixels : false,
    sequentialRead: true,
    // OpenCV ignores embedded profiles, and so did whoever trained on what it read.
    ignoreIcc: true,
  };
  const inks = metadata.space === 'cmyk';
  const wideTiff = format === 'tiff' && metadata.space === 'rgb16';
  // Inks and 16-bit TIFF colours are wanted as stored, because OpenCV has its own arithmetic for them.
  const stored = inks ? 'cmyk' : wideTiff ? 'rgb16' : null;
  const notes: DecodeNote[] = [];
  try {
    let pipeline = loadSharp()(file, options).autoOrient();
    if (stored !== null) pipeline = pipeline.pipelineColourspace(stored);
    const { data, info } = await pipeline
      .toColourspace(stored ?? 'srgb')
      .raw({ depth: wideTiff ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const samples = wideTiff
      ? narrowTiff(data)
      : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    let image: RgbImage;
    if (inks) {
      image = { width, height, data: inksToRgb(samples, channels, format === 'jpeg' ? 'jpeg' : 'tiff') };
    } else if (channels === 3) {
      image = { width, height, data: samples };
    } else {
      const { data: rgb, opaque } = dropAlpha(samples, channels);
      image = { width, height, data: rgb };
      if (!opaque) notes.push(ALPHA_DROPPED);
    }
    const frames = metadata.pages ?? 1;
    if (frames > 1) notes.push(firstFrameOnly(frames));
    if (metadata.icc !== undefined) notes.push(profileIgnored(inks));
    return {
      image,
      exifOrientation: metadata.orientation ?? 1,
      bitDepth,
      colourSpace: metadata.space,
      hadAlpha: metadata.hasAlpha,
      frames,
      notes,
    };
  } catch (error) {
    if (error instanceof LensError) throw error;
    throw damaged(path, format, reasonOf(error), error);
  }
}

async function readMetadata(path: string, file: Buffer, format: ImageFormat): Promise<Metadata> {
  try {
    // The pixel limit is checked by us, with the file's name and numbers in the message; nothing is decoded here.
    return await loadSharp()(file, { limitInputPixels: false, failOn: 'none' }).metadata();
  } catch (error) {
    throw damaged(path, format, reasonOf(error), error);
  }
}

function requirePixels(path: string, width: number, height: number, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  const megapixels = (n: number) => (n / 1e6).toLocaleString('en-US', { maximumFractionDigits: 1 });
  throw new LensError(
    'image',
    `${path}: expected at most ${megapixels(maxPixels)} megapixels, ` +
      `found ${width}x${height} (${megapixels(width * height)} megapixels).`,
    { fix: 'Scale the picture down, or cut out the part to analyse.' },
  );
}

function damaged(path: string, format: ImageFormat, reason: string, cause: unknown): LensError {
  return new LensError(
    'image',
    `${path}: expected a complete ${format.toUpperCase()} picture, found ${reason}.`,
    {
      fix: 'Copy or download the file again, or open it in an image editor and save it anew.',
      cause,
    },
  );
}

/** libvips' last line, which names the fault; the lines before it repeat it. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.trim().split('\n').at(-1) ?? message;
  return `damaged data (${line.trim().replace(/\.$/, '')})`;
}

function bitDepthOf(metadata: Metadata): number {
  return metadata.bitsPerSample ?? (metadata.depth === 'ushort' ? 16 : 8);
}

const ALPHA_DROPPED: DecodeNote = {
  code: 'alpha-dropped',
  message:
    'The picture is partly transparent; transparency was dropped and the colours below it are analysed as stored.',
};

function firstFrameOnly(frames: number): DecodeNote {
  return { code: 'first-frame-only', message: `The file holds ${frames} frames; the first was analysed.` };
}

function profileIgnored(inks: boolean): DecodeNote {
  const message = inks
    ? 'The embedded CMYK profile was ignored, as OpenCV does; colours differ from a colour-managed viewer.'
    : 'The embedded colour profile was ignored, as OpenCV does; colours may differ slightly from a colour-managed viewer.';
  return { code: 'colour-profile-ignored', message };
}
