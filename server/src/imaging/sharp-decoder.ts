/** What sharp (libvips) decodes: JPEG, PNG and WebP whole, and the pixels of AVIF. */

import type { Metadata } from 'sharp';
import type { CheckSize, Decoded, DecodeNote } from './decoded';
import type { RgbImage } from './image';
import { plainHeader } from './jpeg/plain-header';
import { ALPHA_DROPPED, firstFrameOnly, profileIgnored } from './notes';
import { dropAlpha, inksToRgb } from './pixel-layouts';
import { PictureError } from './problems';
import { loadSharp } from './sharp';

/** Samples as libvips returns them, and what it says about the file. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array | Uint16Array;
  /** Where the file has alpha that is not opaque, `notes` says so. */
  readonly about: Omit<Decoded, 'image'>;
}

/** JPEG, PNG or WebP. @param file its bytes, or its path @throws PictureError */
export async function decodeWithSharp(file: Buffer | string, checkSize: CheckSize): Promise<Decoded> {
  const { about, ...pixels } = await readPixels(file, checkSize);
  return { ...about, image: rgbOf(pixels, about.colorSpace) };
}

/** 8-bit samples as RGB. Alpha is dropped; inks are mixed as OpenCV does those of JPEG. */
export function rgbOf(pixels: Omit<Pixels, 'about'>, colorSpace: string): RgbImage {
  const { width, height, channels } = pixels;
  const data = pixels.data as Uint8Array;
  if (colorSpace === 'cmyk') return { width, height, data: inksToRgb(data, channels) };
  return { width, height, data: channels === 3 ? data : dropAlpha(data, channels) };
}

/** @param wide 16 bits per sample instead of 8; the file's value is in the upper bits. @throws PictureError */
export async function readPixels(file: Buffer | string, checkSize: CheckSize, wide = false): Promise<Pixels> {
  const metadata = plainMetadata(file) ?? (await readMetadata(file));
  checkSize(metadata.width, metadata.height);
  if (metadata.depth !== 'uchar' && metadata.depth !== 'ushort')
    throw PictureError.unsupported(`${metadata.depth} samples`, 'Save it with 8 or 16 bits per channel.');
  const inks = metadata.space === 'cmyk';
  // Inks are wanted as stored, because OpenCV has its own arithmetic for them.
  const stored = inks ? 'cmyk' : wide ? 'rgb16' : null;
  try {
    let pipeline = loadSharp()(file, {
      // `error` includes truncation; `warning` would refuse pictures that every viewer shows.
      failOn: 'error',
      limitInputPixels: false, // checked above
      sequentialRead: true,
      // OpenCV ignores embedded profiles, and so did those who trained on what it read.
      ignoreIcc: true,
    }).autoOrient();
    if (stored !== null) pipeline = pipeline.pipelineColourspace(stored);
    const { data, info } = await pipeline
      .toColourspace(stored ?? 'srgb')
      .raw({ depth: wide ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const samples = wide
      ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2)
      : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return {
      width,
      height,
      channels,
      data: samples,
      about: describe(metadata, samples, inks ? 0 : channels),
    };
  } catch (error) {
    throw problemOf(error);
  }
}

/** @param channels the last of four is alpha; of two, gray was repeated by libvips */
function describe(
  metadata: About,
  samples: Uint8Array | Uint16Array,
  channels: number,
): Omit<Decoded, 'image'> {
  const notes: DecodeNote[] = [];
  if (channels === 4 && !isOpaque(samples)) notes.push(ALPHA_DROPPED);
  const frames = metadata.pages ?? 1;
  if (frames > 1) notes.push(firstFrameOnly(frames));
  if (metadata.icc !== undefined) notes.push(profileIgnored(metadata.space === 'cmyk'));
  return {
    exifOrientation: metadata.orientation ?? 1,
    bitDepth: metadata.bitsPerSample ?? (metadata.depth === 'ushort' ? 16 : 8),
    colorSpace: metadata.space,
    hadAlpha: metadata.hasAlpha,
    frames,
    notes,
  };
}

function isOpaque(samples: Uint8Array | Uint16Array): boolean {
  const most = samples instanceof Uint8Array ? 255 : 65535;
  for (let i = 3; i < samples.length; i += 4) if (samples[i] !== most) return false;
  return true;
}

type About = Pick<
  Metadata,
  'width' | 'height' | 'depth' | 'space' | 'bitsPerSample' | 'hasAlpha' | 'orientation' | 'pages' | 'icc'
>;

/** What `readMetadata` says of a plain JPEG; null for others. */
function plainMetadata(file: Buffer | string): About | null {
  const header = typeof file === 'string' ? null : plainHeader(file);
  if (header === null) return null;
  const { width, height, channels, precision } = header;
  const space = channels === 1 ? 'b-w' : 'srgb';
  return { width, height, space, depth: 'uchar', bitsPerSample: precision, hasAlpha: false };
}

async function readMetadata(file: Buffer | string): Promise<About> {
  try {
    // Nothing is decoded here; the limit is checked by us, with the file's name and numbers in the message.
    return await loadSharp()(file, { limitInputPixels: false, failOn: 'none' }).metadata();
  } catch (error) {
    throw problemOf(error);
  }
}

/** By libvips' last line, which names the fault; the lines before it repeat it. */
function problemOf(error: unknown): PictureError {
  const message = error instanceof Error ? error.message : String(error);
  const line = (message.trim().split('\n').at(-1) ?? message).trim().replace(/\.$/, '');
  // libvips' message for a header that none of its decoders accepts, although the signature is right.
  if (/^Input (buffer|file) contains unsupported image format/.test(line))
    return PictureError.damaged('its header cannot be read');
  return /not (configured|supported|implemented)|unsupported/i.test(line)
    ? PictureError.unsupported(`a feature that its decoder lacks (${line})`)
    : PictureError.damaged(`its decoder reports "${line}"`);
}
