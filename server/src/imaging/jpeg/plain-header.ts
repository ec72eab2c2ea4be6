/**
 * What the header of a plain JPEG says, without libvips, which takes a fifth of the time that the pixels take for it. Plain is what nothing turns
 * and no profile colors: 8 bits, gray or three channels, no EXIF or XMP, no profile, one picture. Of all others libvips is asked.
 */
import { PictureError } from '../problems';
import type { Frame } from './segments';
import { frameIn, isAdded, Marker, segmentsOf } from './segments';

/** JFIF, Photoshop's resources, Adobe's color transform; none of them turns or colors a picture that is decoded to RGB. */
const HARMLESS: readonly number[] = [0xe0, 0xed, 0xee, Marker.Comment];

/** Baseline, extended and progressive, with Huffman's code. */
const FRAMES: readonly number[] = [0xc0, 0xc1, 0xc2];

export type PlainFrame = Frame & { readonly channels: 1 | 3 };

/** Null where it is not plain, or damaged: libvips then says how. */
export function plainHeader(file: Uint8Array): PlainFrame | null {
  let found: Frame | null = null;
  try {
    for (const segment of segmentsOf(file, 'the file')) {
      const { marker } = segment;
      if (marker === Marker.Sos) return found !== null && isPlain(found) ? found : null;
      if (isAdded(marker) && !HARMLESS.includes(marker)) return null;
      const frame = frameIn(file, segment);
      if (frame !== null && (found !== null || !FRAMES.includes(marker))) return null;
      found = frame ?? found;
    }
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
  }
  return null;
}

const isPlain = (frame: Frame): frame is PlainFrame =>
  frame.precision === 8 && (frame.channels === 1 || frame.channels === 3) && frame.width * frame.height > 0;
