/** BMP reading: 1, 4, 8, 16, 24 and 32 bits, palettes, bit masks, run lengths, either row order. */

import type { RgbImage } from '../image';
import type { ImageFile } from '../image-file';
import { Compression, need } from './header';
import type { BmpHeader } from './header';
import { readRuns } from './runs';

/** The picture as RGB. Alpha is dropped, as OpenCV does. @throws PictureError */
export function decodeBmp(file: ImageFile, header: BmpHeader): RgbImage {
  const { width, height } = header;
  const data = new Uint8Array(width * height * 3);
  if (header.bitsPerPixel <= 8) paintIndices(readIndices(file, header), readPalette(file, header), data);
  else if (header.bitsPerPixel === 24) readBgr(file, header, data);
  else readMasked(file, header, data);
  return { width, height, data };
}

/** Palette indices in display order. */
function readIndices(file: ImageFile, header: BmpHeader): Uint8Array {
  if (header.compression === Compression.Rle8 || header.compression === Compression.Rle4) {
    return readRuns(file.whole(), header);
  }
  const { width, height, bitsPerPixel } = header;
  const indices = new Uint8Array(width * height);
  const perByte = 8 / bitsPerPixel;
  const mask = (1 << bitsPerPixel) - 1;
  for (let y = 0; y < height; y++) {
    const row = readRow(file, header, y);
    for (let x = 0; x < width; x++) {
      const byte = row[Math.floor(x / perByte)] as number;
      indices[y * width + x] = (byte >> (8 - bitsPerPixel * ((x % perByte) + 1))) & mask;
    }
  }
  return indices;
}

function readPalette(file: ImageFile, header: BmpHeader): Uint8Array {
  const { offset, entries, entryBytes } = header.palette;
  need(file, offset, entries * entryBytes, 'its palette');
  const stored = file.slice(offset, offset + entries * entryBytes);
  const palette = new Uint8Array(256 * 3);
  for (let i = 0; i < entries; i++) {
    const entry = i * entryBytes;
    palette[i * 3] = stored[entry + 2] as number;
    palette[i * 3 + 1] = stored[entry + 1] as number;
    palette[i * 3 + 2] = stored[entry] as number;
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

function readBgr(file: ImageFile, header: BmpHeader, data: Uint8Array): void {
  for (let y = 0, o = 0; y < header.height; y++) {
    const row = readRow(file, header, y);
    for (let x = 0, at = 0; x < header.width; x++, o += 3, at += 3) {
      data[o] = row[at + 2] as number;
      data[o + 1] = row[at + 1] as number;
      data[o + 2] = row[at] as number;
    }
  }
}

function readMasked(file: ImageFile, header: BmpHeader, data: Uint8Array): void {
  const bytes = header.bitsPerPixel / 8;
  const [red, green, blue] = header.masks.map((mask) => channelOf(mask, bytes === 2)) as [
    Channel,
    Channel,
    Channel,
  ];
  for (let y = 0, o = 0; y < header.height; y++) {
    const row = readRow(file, header, y);
    for (let x = 0, at = 0; x < header.width; x++, o += 3, at += bytes) {
      const value = bytes === 2 ? row.readUInt16LE(at) : row.readUInt32LE(at);
      data[o] = red.levels[(value & red.mask) >>> red.low] as number;
      data[o + 1] = green.levels[(value & green.mask) >>> green.low] as number;
      data[o + 2] = blue.levels[(value & blue.mask) >>> blue.low] as number;
    }
  }
}

interface Channel {
  readonly mask: number;
  /** Position of the lowest bit. */
  readonly low: number;
  /** 8-bit level of each value. */
  readonly levels: Uint8Array;
}

/**
 * OpenCV shifts the channels of 16-bit pixels up (5 bits reach 248), and scales those of 32-bit pixels by float32(255 / largest),
 * truncated; masks wider than 16 bits, which no writer makes, keep their upper 16.
 */
function channelOf(mask: number, shifted: boolean): Channel {
  const lowest = 31 - Math.clz32(mask & -mask);
  const bits = 32 - Math.clz32(mask >>> lowest);
  const low = lowest + Math.max(0, bits - 16);
  const largest = mask >>> low;
  const scale = Math.fround(255 / largest);
  const levels = Uint8Array.from({ length: largest + 1 }, (_, value) =>
    shifted ? (value << 8) >> bits : Math.fround(value * scale),
  );
  return { mask, low, levels };
}

/** Display row `y`; rows are padded to four bytes. */
function readRow(file: ImageFile, header: BmpHeader, y: number): Buffer {
  const bytes = Math.ceil((header.width * header.bitsPerPixel) / 8);
  const stride = Math.ceil((header.width * header.bitsPerPixel) / 32) * 4;
  const row = header.pixelOffset + (header.topDown ? y : header.height - 1 - y) * stride;
  need(file, row, bytes, 'its pixels');
  return file.slice(row, row + bytes);
}
