/** Netpbm reading: PBM, PGM and PPM, ASCII (P1 to P3) or binary (P4 to P6), 8 or 16 bits, as OpenCV reads them. */

import type { RgbImage } from './image';
import type { ImageFile } from './image-file';
import { PictureError } from './problems';

export interface NetpbmHeader {
  readonly width: number;
  readonly height: number;
  /** Of PBM always 1. */
  readonly maxval: number;
  readonly channels: 1 | 3;
  readonly bitmap: boolean;
  readonly binary: boolean;
  /** Where the pixels begin. */
  readonly pixels: number;
}

/** The largest number that is read, as in OpenCV. */
const MOST = 2 ** 31 - 1;

/** The format does not bound comments, so this does. */
const HEADER_BYTES = 1 << 20;

/** netpbm.sourceforge.net/doc/ppm.html. @throws PictureError */
export function readNetpbmHeader(source: ImageFile): NetpbmHeader {
  const file = source.slice(0, HEADER_BYTES);
  const kind = (file[1] as number) - 0x30;
  const numbers = new Numbers(file, 2);
  const bitmap = kind === 1 || kind === 4;
  const width = numbers.next('its width');
  const height = numbers.next('its height');
  const maxval = bitmap ? 1 : numbers.next('its largest value');
  if (width === 0 || height === 0) throw PictureError.damaged(`its size is ${width} x ${height} pixels`);
  if (maxval === 0 || maxval > 65535) throw PictureError.damaged(`its largest value is ${maxval}`);
  const channels = kind === 3 || kind === 6 ? 3 : 1;
  return { width, height, maxval, channels, bitmap, binary: kind >= 4, pixels: numbers.at };
}

/**
 * 8-bit ASCII samples are scaled by 255 / maxval, truncated, and those above maxval count as maxval; binary samples are taken as they
 * are whatever maxval says; of 16 bits the upper 8 are kept. OpenCV 4.12 (grfmt_pxm.cpp) does all three.
 */
export function decodeNetpbm(file: ImageFile, header: NetpbmHeader): RgbImage {
  const { width, height, channels } = header;
  // Before anything is allocated: every sample takes a bit at least, or a digit and a space.
  const least = header.binary
    ? rowBytes(header) * height
    : header.bitmap
      ? width * height
      : 2 * width * height * channels - 1;
  if (file.length - header.pixels < least) throw PictureError.damaged('the file ends within its pixels');
  const samples = header.binary ? readBinary(file, header) : readAscii(file.whole(), header);
  if (channels === 3) return { width, height, data: samples };
  const data = new Uint8Array(samples.length * 3);
  for (let i = 0, o = 0; i < samples.length; i++, o += 3) data.fill(samples[i] as number, o, o + 3);
  return { width, height, data };
}

function rowBytes({ width, channels, bitmap, maxval }: NetpbmHeader): number {
  return bitmap ? Math.ceil(width / 8) : width * channels * (maxval > 255 ? 2 : 1);
}

function readBinary(file: ImageFile, header: NetpbmHeader): Uint8Array {
  const { width, height, channels, bitmap, maxval, pixels } = header;
  const samples = new Uint8Array(width * height * channels);
  const stride = rowBytes(header);
  const bytes = maxval > 255 ? 2 : 1; // big-endian: the first of two is the upper one
  for (let y = 0, o = 0; y < height; y++) {
    const row = file.slice(pixels + y * stride, pixels + (y + 1) * stride);
    if (bitmap)
      for (let x = 0; x < width; x++) samples[o++] = ((row[x >> 3] as number) >> (7 - (x & 7))) & 1 ? 0 : 255;
    else for (let at = 0; at < stride; at += bytes) samples[o++] = row[at] as number;
  }
  return samples;
}

function readAscii(
  file: Buffer,
  { width, height, channels, bitmap, maxval, pixels }: NetpbmHeader,
): Uint8Array {
  const samples = new Uint8Array(width * height * channels);
  const numbers = new Numbers(file, pixels);
  for (let i = 0; i < samples.length; i++) {
    if (bitmap) samples[i] = numbers.digit('its pixels') === 0 ? 255 : 0;
    else {
      const value = Math.min(numbers.next('its pixels'), maxval);
      samples[i] = maxval > 255 ? value >> 8 : Math.floor((value * 255) / maxval);
    }
  }
  return samples;
}

/** Decimal numbers between white space and comments, which begin with # and end with the line. */
class Numbers {
  constructor(
    private readonly file: Buffer,
    public at: number,
  ) {}

  /** The byte after it is consumed, which is what ends a header. */
  next(what: string): number {
    let value = this.digit(what);
    for (;;) {
      const byte = this.file[this.at++];
      // Whether a number at the very end of the file is complete cannot be known; OpenCV refuses it too.
      if (byte === undefined) throw PictureError.damaged(`the file ends within ${what}`);
      if (!isDigit(byte)) return value;
      value = value * 10 + byte - 0x30;
      if (value > MOST) throw PictureError.damaged(`a number above ${MOST} stands in ${what}`);
    }
  }

  /** One digit, as in a PBM, where spaces between pixels may be left out. */
  digit(what: string): number {
    let comment = false;
    for (;;) {
      const byte = this.file[this.at++];
      if (byte === undefined) throw PictureError.damaged(`the file ends within ${what}`);
      if (comment) comment = byte !== 0x0a && byte !== 0x0d;
      else if (byte === 0x23) comment = true;
      else if (isDigit(byte)) return byte - 0x30;
      else if (byte !== 0x20 && (byte < 0x09 || byte > 0x0d))
        throw PictureError.damaged(
          `byte 0x${byte.toString(16).padStart(2, '0')} stands in place of a digit in ${what}`,
        );
    }
  }
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
