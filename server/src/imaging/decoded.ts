/** What decoding gives: pixels, what the file was like, and what was left out. */

import type { ImageFormat } from './formats';
import type { RgbImage } from './image';

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
  /** libvips' name of the file's color space: `srgb`, `b-w`, `cmyk`, `rgb16`, `gray16`, `lab`, ... */
  readonly colorSpace: string;
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
  readonly code: 'alpha-dropped' | 'first-frame-only' | 'color-profile-ignored';
  readonly message: string;
}

/** The result of a decoder of one format. */
export type Decoded = Omit<DecodedImage, 'format' | 'width' | 'height' | 'bytes' | 'sha256'>;

/** Throws where a picture of this size is above the limit; called before any pixel is decoded. */
export type CheckSize = (width: number, height: number) => void;
