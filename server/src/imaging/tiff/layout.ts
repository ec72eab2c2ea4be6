/** How a TIFF holds its first picture: what its directory says, checked, and refused by name where it is not read. */

import { PictureError } from '../problems';
import type { Directory } from './directory';

/** Of TIFF 6.0 and its supplements. */
export const Tag = {
  Width: 256,
  Height: 257,
  BitsPerSample: 258,
  Compression: 259,
  Photometric: 262,
  FillOrder: 266,
  StripOffsets: 273,
  Orientation: 274,
  SamplesPerPixel: 277,
  RowsPerStrip: 278,
  StripByteCounts: 279,
  PlanarConfiguration: 284,
  T4Options: 292,
  Predictor: 317,
  WhitePoint: 318,
  ColorMap: 320,
  TileWidth: 322,
  TileLength: 323,
  TileOffsets: 324,
  TileByteCounts: 325,
  InkSet: 332,
  ExtraSamples: 338,
  SampleFormat: 339,
  JpegTables: 347,
  YCbCrCoefficients: 529,
  YCbCrSubSampling: 530,
  ReferenceBlackWhite: 532,
  IccProfile: 34675,
} as const;

export const Photometric = {
  WhiteIsZero: 0,
  BlackIsZero: 1,
  Rgb: 2,
  Palette: 3,
  Cmyk: 5,
  YCbCr: 6,
  CieLab: 8,
} as const;

export type Compression = 'none' | 'lzw' | 'deflate' | 'packbits' | 'ccitt' | 'jpeg';

const COMPRESSIONS: Readonly<Record<number, Compression>> = {
  1: 'none',
  2: 'ccitt',
  3: 'ccitt',
  4: 'ccitt',
  5: 'lzw',
  7: 'jpeg',
  8: 'deflate',
  32773: 'packbits',
  32946: 'deflate',
};

const UNREAD_COMPRESSIONS: Readonly<Record<number, string>> = {
  6: 'old-style JPEG (6)',
  9: 'JBIG (9)',
  10: 'JBIG (10)',
  32766: 'NeXT',
  32771: 'CCITT RLE (32771)',
  32809: 'ThunderScan',
  32908: 'Pixar film',
  32909: 'PixarLog',
  33003: 'JPEG 2000',
  33005: 'JPEG 2000',
  34661: 'JBIG',
  34676: 'SGI LogLuv',
  34677: 'SGI LogLuv',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34892: 'lossy JPEG (DNG)',
  34925: 'LZMA',
  50000: 'ZSTD',
  50001: 'WebP',
  50002: 'JPEG XL',
};

const UNREAD_COLORS: Readonly<Record<number, string>> = {
  4: 'a transparency mask',
  9: 'ICC L*a*b* colors',
  10: 'ITU L*a*b* colors',
  32803: 'raw sensor data',
  32844: 'LogL colors',
  32845: 'LogLuv colors',
  34892: 'raw sensor data',
};

/** A rectangle of the picture that is stored in one piece: a strip or a tile, of one plane where planes are separate. */
export interface Chunk {
  readonly name: string;
  readonly offset: number;
  /** Null where the file does not say. */
  readonly bytes: number | null;
}

export interface TiffLayout {
  readonly width: number;
  readonly height: number;
  readonly compression: Compression;
  readonly photometric: number;
  readonly bits: 1 | 2 | 4 | 8 | 16;
  /** A pixel, alpha and others included. */
  readonly samples: number;
  /** A pixel, of colors only. */
  readonly colors: number;
  /** What the sample after the colors is. */
  readonly alpha: 'none' | 'associated' | 'unassociated';
  /** Each sample of a pixel is in a plane of its own. */
  readonly planar: boolean;
  readonly predictor: boolean;
  /** Bits of each byte come lowest first. */
  readonly reversed: boolean;
  readonly bigEndian: boolean;
  /** 1..8 */
  readonly orientation: number;
  /** Of a chunk; strips are as wide as the picture. */
  readonly chunkWidth: number;
  readonly chunkHeight: number;
  readonly tiled: boolean;
  readonly across: number;
  readonly down: number;
  /** Row by row, plane after plane. */
  readonly chunks: readonly Chunk[];
  /** The directory lists more than those. */
  readonly more: boolean;
  readonly frames: number;
  readonly profile: boolean;
}

/** @throws PictureError for what is damaged or not read; `checkSize` is called before lists of the picture's size are made */
export function readLayout(
  directory: Directory,
  checkSize: (width: number, height: number) => void,
): TiffLayout {
  const width = directory.number(Tag.Width, 0);
  const height = directory.number(Tag.Height, 0);
  if (!isCount(width) || !isCount(height))
    throw PictureError.damaged(`its size is ${width} x ${height} pixels`);
  checkSize(width, height);
  const method = directory.number(Tag.Compression, 1);
  const compression = COMPRESSIONS[method];
  if (compression === undefined)
    throw PictureError.unsupported(
      `${UNREAD_COMPRESSIONS[method] ?? `unknown (${method})`} compression`,
      'Save it uncompressed, or with LZW or Deflate compression, or as PNG.',
    );
  const photometric = directory.number(Tag.Photometric, -1);
  if (photometric === -1) throw PictureError.damaged('its directory does not say what its samples mean');
  const samples = directory.number(Tag.SamplesPerPixel, 1);
  if (samples < 1 || samples > 4) throw PictureError.unsupported(`${samples} samples per pixel`);
  const extra = directory.numbers(Tag.ExtraSamples) ?? [];
  const configuration = directory.number(Tag.PlanarConfiguration, 1);
  if (configuration !== 1 && configuration !== 2)
    throw PictureError.damaged(`its planar configuration is ${configuration}`);
  const planar = configuration === 2 && samples > 1;
  const layout = {
    ...{ width, height, compression, photometric, samples, planar },
    bits: bitsOf(directory, samples),
    ...alphaOf(photometric, samples, extra),
    predictor: predictorOf(directory, compression),
    reversed: directory.number(Tag.FillOrder, 1) === 2,
    bigEndian: directory.bigEndian,
    orientation: orientationOf(directory),
    ...chunksOf(directory, width, height, planar ? samples : 1),
    frames: directory.count,
    profile: directory.has(Tag.IccProfile),
  };
  requireColors(directory, layout);
  return layout;
}

const isCount = (n: number): boolean => Number.isInteger(n) && n > 0 && n < 2 ** 31;

function bitsOf(directory: Directory, samples: number): TiffLayout['bits'] {
  const all = directory.numbers(Tag.BitsPerSample) ?? [1];
  const formats = directory.numbers(Tag.SampleFormat) ?? [1];
  const bits = all[0] as number;
  const fix = 'Save it with 8 or 16 bits per channel.';
  // Of three and more channels some writers give the depth once.
  if (all.slice(0, samples).some((other) => other !== bits))
    throw PictureError.unsupported(
      `channels of different depth (${all.slice(0, samples).join(', ')} bits)`,
      fix,
    );
  const kinds: Readonly<Record<number, string>> = {
    2: 'signed',
    3: 'floating-point',
    5: 'complex',
    6: 'complex',
  };
  // 4 is data of unknown kind, which libtiff takes for whole numbers.
  const kind = formats
    .map((format) => (format === 1 || format === 4 ? undefined : (kinds[format] ?? 'unknown')))
    .find((name) => name !== undefined);
  if (kind !== undefined) throw PictureError.unsupported(`${kind} samples of ${bits} bits`, fix);
  if (bits === 1 || bits === 2 || bits === 4 || bits === 8 || bits === 16) return bits;
  throw PictureError.unsupported(`${bits} bits per channel`, fix);
}

/** libtiff's reading of ExtraSamples: of four or more, an unspecified one is alpha, and so is the fourth of an RGB picture. */
function alphaOf(
  photometric: number,
  samples: number,
  extra: readonly number[],
): { colors: number; alpha: TiffLayout['alpha'] } {
  const unknown = extra.find((kind) => kind > 2);
  if (unknown !== undefined) throw PictureError.damaged(`an extra sample is of unknown kind ${unknown}`);
  const extras = Math.min(extra.length, samples - 1);
  if (extras === 0) {
    const hidden = samples === 4 && photometric === Photometric.Rgb;
    return hidden ? { colors: 3, alpha: 'associated' } : { colors: samples, alpha: 'none' };
  }
  const kind = extra[0] as number;
  const alpha = kind === 2 ? 'unassociated' : kind === 1 || samples > 3 ? 'associated' : 'none';
  return { colors: samples - extras, alpha };
}

function predictorOf(directory: Directory, compression: Compression): boolean {
  if (compression !== 'lzw' && compression !== 'deflate') return false;
  const predictor = directory.number(Tag.Predictor, 1);
  if (predictor === 1) return false;
  if (predictor === 2) return true;
  throw PictureError.unsupported(`predictor ${predictor}`);
}

function orientationOf(directory: Directory): number {
  const orientation = directory.number(Tag.Orientation, 1);
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

function chunksOf(
  directory: Directory,
  width: number,
  height: number,
  planes: number,
): Pick<TiffLayout, 'chunkWidth' | 'chunkHeight' | 'tiled' | 'across' | 'down' | 'chunks' | 'more'> {
  const tiled = directory.has(Tag.TileWidth);
  const chunkWidth = tiled ? directory.number(Tag.TileWidth, 0) : width;
  const rows = tiled ? directory.number(Tag.TileLength, 0) : directory.number(Tag.RowsPerStrip, height);
  const chunkHeight = tiled ? rows : Math.min(rows, height);
  const kind = tiled ? 'tile' : 'strip';
  if (!isCount(chunkWidth) || !isCount(chunkHeight) || chunkWidth * chunkHeight > 2 ** 28)
    throw PictureError.damaged(`its ${kind}s are ${chunkWidth} x ${chunkHeight} pixels`);
  const across = Math.ceil(width / chunkWidth);
  const down = Math.ceil(height / chunkHeight);
  const count = across * down * planes;
  // Some writers list tiles under the tags of strips.
  const list = (ofTiles: number, ofStrips: number) =>
    (tiled ? directory.numbers(ofTiles, count + 1) : null) ?? directory.numbers(ofStrips, count + 1);
  const offsets = list(Tag.TileOffsets, Tag.StripOffsets) ?? [];
  const sizes = list(Tag.TileByteCounts, Tag.StripByteCounts);
  if (offsets.length < count)
    throw PictureError.damaged(`its directory lists ${offsets.length} of ${count} ${kind}s`);
  const chunks = Array.from({ length: count }, (_, i) => ({
    name: `${kind} ${i + 1} of ${count}`,
    offset: offsets[i] as number,
    bytes: sizes?.[i] ?? null,
  }));
  return { chunkWidth, chunkHeight, tiled, across, down, chunks, more: offsets.length > count };
}

/** What libtiff's conversion to RGB takes (tif_getimage.c of 4.6), which OpenCV reads through. */
function requireColors(
  directory: Directory,
  { photometric, bits, samples, colors, planar, compression }: Omit<TiffLayout, 'chunks'>,
): void {
  const refuse = (what: string): never => {
    throw PictureError.unsupported(what, 'Save it as RGB with 8 bits per channel, or as PNG.');
  };
  if (compression === 'ccitt' && (bits !== 1 || samples !== 1))
    refuse(`CCITT compression of ${bits} bits per pixel`);
  if (compression === 'jpeg' && bits !== 8) refuse(`JPEG compression of ${bits} bits per channel`);
  if (compression === 'jpeg' && samples === 2 && !planar) refuse('JPEG compression of 2 samples per pixel');
  switch (photometric) {
    case Photometric.WhiteIsZero:
    case Photometric.BlackIsZero:
      if (bits < 8 && samples !== 1) refuse(`${samples} samples of ${bits} bits per pixel`);
      return;
    case Photometric.Rgb:
      if (bits < 8) refuse(`RGB colors of ${bits} bits per channel`);
      if (colors < 3) refuse(`RGB colors of ${colors} channels`);
      return;
    case Photometric.Palette:
      if (bits > 8 || planar || (bits < 8 && samples !== 1))
        refuse(`a palette for ${samples} samples of ${bits} bits`);
      return;
    case Photometric.Cmyk:
      if (directory.number(Tag.InkSet, 1) !== 1) refuse('inks other than CMYK');
      if (samples !== 4) refuse(`CMYK colors of ${samples} samples`);
      if (bits !== 8) refuse(`CMYK colors of ${bits} bits per channel`);
      return;
    case Photometric.YCbCr:
      if (bits !== 8 || samples !== 3) refuse(`YCbCr colors of ${samples} samples of ${bits} bits`);
      return;
    default:
      refuse(
        photometric === Photometric.CieLab
          ? 'CIE L*a*b* colors'
          : (UNREAD_COLORS[photometric] ?? `colors of unknown kind ${photometric}`),
      );
  }
}
