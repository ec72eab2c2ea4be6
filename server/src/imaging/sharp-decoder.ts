/** What sharp (libvips) decodes: JPEG, PNG, WebP, AVIF. */

import type { Metadata, SharpOptions } from 'sharp';
import type { CheckSize, Decoded, DecodeNote } from './decoded';
import type { ImageFormat } from './formats';
import type { RgbImage } from './image';
import { ALPHA_DROPPED, firstFrameOnly, profileIgnored } from './notes';
import { dropAlpha, inksToRgb, narrowTiff } from './pixel-layouts';
import { PictureError } from './problems';
import { loadSharp } from './sharp';

/** @throws PictureError */
export async function decodeWithSharp(
  file: Buffer,
  format: ImageFormat,
  checkSize: CheckSize,
): Promise<Decoded> {
  const metadata = await readMetadata(file);
  checkSize(metadata.width, metadata.height);
  const bitDepth = bitDepthOf(metadata);
  if (metadata.depth !== 'uchar' && metadata.depth !== 'ushort') {
    throw PictureError.unsupported(`${metadata.depth} samples`, 'Save it with 8 or 16 bits per channel.');
  }
  const options: SharpOptions = {
    // `error` includes truncation; `warning` would refuse pictures that every viewer shows.
    failOn: 'error',
    limitInputPixels: false, // checked above
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
    throw problemOf(error);
  }
}

async function readMetadata(file: Buffer): Promise<Metadata> {
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
  // Its words for a header that none of its decoders takes for its own, though the signature is there.
  if (line === 'Input buffer contains unsupported image format')
    return PictureError.damaged('its header cannot be read');
  return /not (configured|supported|implemented)|unsupported/i.test(line)
    ? PictureError.unsupported(`a feature that its decoder lacks (${line})`)
    : PictureError.damaged(`its decoder reports "${line}"`);
}

function bitDepthOf(metadata: Metadata): number {
  return metadata.bitsPerSample ?? (metadata.depth === 'ushort' ? 16 : 8);
}
