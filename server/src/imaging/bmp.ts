/** BMP reading: 1, 4, 8, 16, 24 and 32 bits, palettes, bit masks, run lengths, either row order. */

import type { RgbImage } from './image';

/** What is wrong with the file, as a phrase that follows "found". */
export class BmpError extends Error {
  override readonly name = 'BmpError';
}

export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly bitsPerPixel: number;
  readonly compression: number;
  /** False where the file stores the bottom row first, as most do. */
  readonly topDown: boolean;
  readonly pixelOffset: number;
  /** Three bytes a colour (OS/2) or four. */
  readonly palette: { readonly offset: number; readonly entries: number; readonly entryBytes: 3 | 4 };
  /** Red, green and blue masks of 16 and 32 bit pixels. */
  readonly masks: readonly [number, number, number];
}

/** biCompression of the Windows bitmap header. */
const Compression = { None: 0, Rle8: 1, Rle4: 2, BitFields: 3, AlphaBitFields: 6 } as const;

/** Microsoft's BITMAPINFOHEADER and its successors, and OS/2's 12-byte BITMAPCOREHEADER. */
export function readBmpHeader(file: Buffer): BmpHeader {
  need(file, 0, 26, 'its header');
  const size = file.readUInt32LE(14);
  const core = size === 12;
  if (!core && (size < 40 || size > 4096)) throw new BmpError(`a header of ${size} bytes`);
  need(file, 14, size, 'its header');
  const width = core ? file.readUInt16LE(18) : file.readInt32LE(18);
  const signedHeight = core ? file.readUInt16LE(20) : file.readInt32LE(22);
  const bitsPerPixel = file.readUInt16LE(core ? 24 : 28);
  const compression = core ? Compression.None : file.readUInt32LE(30);
  const used = core ? 0 : file.readUInt32LE(46);
  const height = Math.abs(signedHeight);
  if (width <= 0 || height === 0) throw new BmpError(`a size of ${width}x${height} pixels`);
  if (![1, 4, 8, 16, 24, 32].includes(bitsPerPixel)) throw new BmpError(`${bitsPerPixel} bits per pixel`);
  const fields = compression === Compression.BitFields || compression === Compression.AlphaBitFields;
  const plausible =
    compression === Compression.None ||
    (compression === Compression.Rle8 && bitsPerPixel === 8) ||
    (compression === Compression.Rle4 && bitsPerPixel === 4) ||
    (fields && (bitsPerPixel === 16 || bitsPerPixel === 32));
  if (!plausible) throw new BmpError(`compression ${compression} with ${bitsPerPixel} bits per pixel`);

  // In a 40-byte header the masks follow it; in longer ones they are its next fields: the same place.
  const masksAfterHeader = fields && size === 40 ? (compression === Compression.BitFields ? 12 : 16) : 0;
  if (fields) need(file, 54, 12, 'its colour masks');
  const entries = bitsPerPixel > 8 ? 0 : used > 0 ? Math.min(used, 1 << bitsPerPixel) : 1 << bitsPerPixel;
  return {
    width,
    height,
    bitsPerPixel,
    compression,
    topDown: signedHeight < 0,
    pixelOffset: file.readUInt32LE(10),
    palette: { offset: 14 + size + masksAfterHeader, entries, entryBytes: core ? 3 : 4 },
    masks: fields
      ? [file.readUInt32LE(54), file.readUInt32LE(58), file.readUInt32LE(62)]
      : bitsPerPixel === 16
        ? [0x7c00, 0x03e0, 0x001f]
        : [0xff0000, 0xff00, 0xff],
  };
}

/** The picture as RGB. Alpha is dropped and masked colours of fewer than 8 bits are shifted up, as OpenCV does. */
export function decodeBmp(file: Buffer, header: BmpHeader): RgbImage {
  const { width, height } = header;
  const data = new Uint8Array(width * height * 3);
  if (header.bitsPerPixel <= 8) paintIndices(readIndices(file, header), readPalette(file, header), data);
  else if (header.bitsPerPixel === 24) readBgr(file, header, data);
  else readMasked(file, header, data);
  return { width, height, data };
}

/** Palette indices in display order. */
function readIndices(file: Buffer, header: BmpHeader): Uint8Array {
  if (header.compression === Compression.Rle8 || header.compression === Compression.Rle4) {
    return readRuns(file, header);
  }
  const { width, height, bitsPerPixel } = header;
  const indices = new Uint8Array(width * height);
  const perByte = 8 / bitsPerPixel;
  const mask = (1 << bitsPerPixel) - 1;
  for (let y = 0; y < height; y++) {
    const row = rowOffset(file, header, y);
    for (let x = 0; x < width; x++) {
      const byte = file[row + Math.floor(x / perByte)] as number;
      indices[y * width + x] = (byte >> (8 - bitsPerPixel * ((x % perByte) + 1))) & mask;
    }
  }
  return indices;
}

/** RLE8 and RLE4: (count, value) runs; (0, 0) ends a row, (0, 1) the picture, (0, 2) moves, (0, n) is n literal pixels. */
function readRuns(file: Buffer, header: BmpHeader): Uint8Array {
  const { width, height } = header;
  const nibbles = header.compression === Compression.Rle4;
  const indices = new Uint8Array(width * height);
  let at = header.pixelOffset;
  let x = 0;
  let line = 0;
  const next = (): number => {
    const byte = file[at++];
    if (byte === undefined) throw truncated('its run lengths');
    return byte;
  };
  const put = (value: number): void => {
    if (x >= width || line >= height) throw new BmpError('run lengths that leave the picture');
    indices[(header.topDown ? line : height - 1 - line) * width + x++] = value;
  };
  const pixel = (byte: number, i: number) => (nibbles ? (i % 2 === 0 ? byte >> 4 : byte & 15) : byte);
  while (line < height) {
    const count = next();
    const value = next();
    if (count > 0) {
      for (let i = 0; i < count; i++) put(pixel(value, i));
    } else if (value === 0) {
      x = 0;
      line++;
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      x += next();
      line += next();
    } else {
      const start = at;
      for (let i = 0, byte = 0; i < value; i++) {
        if (!nibbles || i % 2 === 0) byte = next();
        put(pixel(byte, i));
      }
      at += (at - start) % 2; // literals are padded to 16 bits
    }
  }
  return indices;
}

function readPalette(file: Buffer, header: BmpHeader): Uint8Array {
  const { offset, entries, entryBytes } = header.palette;
  need(file, offset, entries * entryBytes, 'its palette');
  const palette = new Uint8Array(256 * 3);
  for (let i = 0; i < entries; i++) {
    const entry = offset + i * entryBytes;
    palette[i * 3] = file[entry + 2] as number;
    palette[i * 3 + 1] = file[entry + 1] as number;
    palette[i * 3 + 2] = file[entry] as number;
  }
  return palette;
}

function paintIndices(indices: Uint8Array, palette: Uint8Array, data: Uint8Array): void {
  for (let i = 0, o = 0; i < indices.length; i++, o += 3) {
    const entry = (indices[i] as number) * 3;
    data[o] = palette[entry] as number;
    data[o + 1] = palette[entry + 1] as number;
    data[o + 2] = palette[entry + 2] as number;
  }
}

function readBgr(file: Buffer, header: BmpHeader, data: Uint8Array): void {
  for (let y = 0, o = 0; y < header.height; y++) {
    let at = rowOffset(file, header, y);
    for (let x = 0; x < header.width; x++, o += 3, at += 3) {
      data[o] = file[at + 2] as number;
      data[o + 1] = file[at + 1] as number;
      data[o + 2] = file[at] as number;
    }
  }
}

function readMasked(file: Buffer, header: BmpHeader, data: Uint8Array): void {
  const bytes = header.bitsPerPixel / 8;
  const [red, green, blue] = header.masks.map(channelOf) as [Channel, Channel, Channel];
  for (let y = 0, o = 0; y < header.height; y++) {
    let at = rowOffset(file, header, y);
    for (let x = 0; x < header.width; x++, o += 3, at += bytes) {
      const value = bytes === 2 ? file.readUInt16LE(at) : file.readUInt32LE(at);
      data[o] = (((value & red.mask) >>> red.low) << red.up) >> red.down;
      data[o + 1] = (((value & green.mask) >>> green.low) << green.up) >> green.down;
      data[o + 2] = (((value & blue.mask) >>> blue.low) << blue.up) >> blue.down;
    }
  }
}

interface Channel {
  readonly mask: number;
  /** Position of the lowest bit. */
  readonly low: number;
  /** Shifts from the mask's width to 8 bits. */
  readonly up: number;
  readonly down: number;
}

function channelOf(mask: number): Channel {
  if (mask === 0) return { mask, low: 0, up: 0, down: 0 };
  const low = 31 - Math.clz32(mask & -mask);
  const bits = 32 - Math.clz32(mask >>> low);
  return { mask, low, up: Math.max(0, 8 - bits), down: Math.max(0, bits - 8) };
}

/** Where display row `y` begins; rows are padded to four bytes. */
function rowOffset(file: Buffer, header: BmpHeader, y: number): number {
  const bytes = Math.ceil((header.width * header.bitsPerPixel) / 8);
  const stride = Math.ceil((header.width * header.bitsPerPixel) / 32) * 4;
  const row = header.pixelOffset + (header.topDown ? y : header.height - 1 - y) * stride;
  need(file, row, bytes, 'its pixels');
  return row;
}

function need(file: Buffer, offset: number, bytes: number, what: string): void {
  if (offset + bytes > file.length) throw truncated(what);
}

function truncated(what: string): BmpError {
  return new BmpError(`a file that ends within ${what}`);
}
