/** BMP headers: Microsoft's BITMAPINFOHEADER and its successors, and OS/2's 12-byte BITMAPCOREHEADER. */

import type { ImageFile } from '../image-file';
import { PictureError } from '../problems';

export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly bitsPerPixel: number;
  readonly compression: number;
  /** False where the file stores the bottom row first, as most do. */
  readonly topDown: boolean;
  readonly pixelOffset: number;
  /** Three bytes a color (OS/2) or four. */
  readonly palette: { readonly offset: number; readonly entries: number; readonly entryBytes: 3 | 4 };
  /** Red, green and blue masks of 16 and 32 bit pixels. */
  readonly masks: readonly [number, number, number];
}

/** biCompression of the Windows bitmap header. */
export const Compression = { None: 0, Rle8: 1, Rle4: 2, BitFields: 3, AlphaBitFields: 6 } as const;

const OTHER_COMPRESSIONS: Readonly<Record<number, string>> = { 4: 'an embedded JPEG', 5: 'an embedded PNG' };

/** Up to the masks after the longest header. */
const HEADER_BYTES = 14 + 4096 + 16;

/** @throws PictureError */
export function readBmpHeader(source: ImageFile): BmpHeader {
  need(source, 0, 26, 'its header');
  const file = source.slice(0, HEADER_BYTES);
  const size = file.readUInt32LE(14);
  const core = size === 12;
  if (!core && (size < 40 || size > 4096)) throw PictureError.unsupported(`a header of ${size} bytes`);
  need(file, 14, size, 'its header');
  const width = core ? file.readUInt16LE(18) : file.readInt32LE(18);
  const signedHeight = core ? file.readUInt16LE(20) : file.readInt32LE(22);
  const bitsPerPixel = file.readUInt16LE(core ? 24 : 28);
  const compression = core ? Compression.None : file.readUInt32LE(30);
  const used = core ? 0 : file.readUInt32LE(46);
  const height = Math.abs(signedHeight);
  if (width <= 0 || height === 0) throw PictureError.damaged(`its size is ${width} x ${height} pixels`);
  if (![1, 4, 8, 16, 24, 32].includes(bitsPerPixel))
    throw PictureError.unsupported(`${bitsPerPixel} bits per pixel`);
  const fields = compression === Compression.BitFields || compression === Compression.AlphaBitFields;
  const plausible =
    compression === Compression.None ||
    (compression === Compression.Rle8 && bitsPerPixel === 8) ||
    (compression === Compression.Rle4 && bitsPerPixel === 4) ||
    (fields && (bitsPerPixel === 16 || bitsPerPixel === 32));
  if (!plausible)
    throw PictureError.unsupported(
      OTHER_COMPRESSIONS[compression] ?? `compression ${compression} and ${bitsPerPixel} bits per pixel`,
    );

  // In a 40-byte header the masks follow it; in longer ones they are its next fields: the same place.
  const masksAfterHeader = fields && size === 40 ? (compression === Compression.BitFields ? 12 : 16) : 0;
  if (fields) need(file, 54, 12, 'its color masks');
  const given = fields
    ? ([file.readUInt32LE(54), file.readUInt32LE(58), file.readUInt32LE(62)] as const)
    : null;
  // OpenCV takes 32-bit pixels for B, G, R, X where one of the masks is 0.
  const usual =
    bitsPerPixel === 16 ? ([0x7c00, 0x03e0, 0x001f] as const) : ([0xff0000, 0xff00, 0xff] as const);
  const masks = given === null || (bitsPerPixel === 32 && given.includes(0)) ? usual : given;
  if (bitsPerPixel === 16 && masks.includes(0)) throw PictureError.damaged('a color mask is 0');
  const entries = bitsPerPixel > 8 ? 0 : used > 0 ? Math.min(used, 1 << bitsPerPixel) : 1 << bitsPerPixel;
  return {
    width,
    height,
    bitsPerPixel,
    compression,
    topDown: signedHeight < 0,
    pixelOffset: file.readUInt32LE(10),
    palette: { offset: 14 + size + masksAfterHeader, entries, entryBytes: core ? 3 : 4 },
    masks,
  };
}

/** @throws PictureError unless the file holds this many bytes there */
export function need(file: { readonly length: number }, offset: number, bytes: number, what: string): void {
  if (offset + bytes > file.length) throw PictureError.damaged(`the file ends within ${what}`);
}
