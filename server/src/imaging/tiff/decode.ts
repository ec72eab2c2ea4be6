/**
 * The first picture of a TIFF, strip by strip or tile by tile. libvips turns what libtiff cannot decode black with no more than a
 * warning; here every pixel is read or the file is refused.
 */

import type { CheckSize, Decoded, DecodeNote } from '../decoded';
import type { ImageFile } from '../image-file';
import { ALPHA_DROPPED, firstFrameOnly, profileIgnored } from '../notes';
import { placeOf } from '../orientation';
import { PictureError } from '../problems';
import { CcittReader } from './ccitt';
import { painterOf } from './colors';
import { readDirectory } from './directory';
import type { Directory } from './directory';
import { readJpegChunk } from './jpeg';
import { Photometric, readLayout, Tag } from './layout';
import type { Chunk, TiffLayout } from './layout';
import { reverseBits, undoPredictor, unpackSamples } from './samples';
import type { Samples } from './samples';
import { openSource, StoredSource } from './sources';
import type { Source } from './sources';
import { spread, subsamplingOf } from './ycbcr';

/** Rows are unpacked and painted in bands of about this many bytes. */
const BAND = 1 << 20;

/** A contiguous part of the picture in the file. */
interface Region {
  readonly x: number;
  readonly y: number;
  /** Of the region in the picture. */
  readonly width: number;
  readonly height: number;
  /** Rows that are stored, which of a tile are more than are shown. */
  readonly storedHeight: number;
  /** One, or one a plane. */
  readonly chunks: readonly Chunk[];
}

/** Paints a number of rows of a region, from row `y` of the picture; a row of `samples` is a chunk wide. */
type PaintRows = (samples: Samples, region: Region, y: number, rows: number) => void;

/** @throws PictureError */
export async function decodeTiff(file: ImageFile, checkSize: CheckSize): Promise<Decoded> {
  const directory = readDirectory(file);
  const layout = readLayout(directory, checkSize);
  const place = placeOf(layout);
  const data = new Uint8Array(layout.width * layout.height * 3);
  const paint = painterOf(directory, layout);
  const { chunkWidth, samples: channels } = layout;
  let opaque = true;
  const paintRows: PaintRows = (samples, region, y, rows) => {
    for (let row = 0; row < rows; row++) {
      let s = row * chunkWidth * channels;
      let o = 3 * (place.start + (y + row) * place.down + region.x * place.right);
      for (let x = 0; x < region.width; x++, s += channels, o += 3 * place.right) {
        paint(samples, s, data, o);
        if (layout.alpha !== 'none' && samples[s + channels - 1] !== (layout.bits === 16 ? 65535 : 255))
          opaque = false;
      }
    }
  };
  for (const region of regionsOf(layout)) await readRegion(file, directory, layout, region, paintRows);
  return {
    image: { width: place.width, height: place.height, data },
    exifOrientation: layout.orientation,
    bitDepth: layout.bits,
    colorSpace: colorSpaceOf(layout),
    hadAlpha: layout.alpha !== 'none',
    frames: layout.frames,
    notes: notesOf(layout, opaque),
  };
}

function* regionsOf(layout: TiffLayout): Generator<Region> {
  const { width, height, chunkWidth, chunkHeight, across, down, chunks, planar, samples, tiled } = layout;
  for (let j = 0; j < down; j++) {
    for (let i = 0; i < across; i++) {
      const [x, y] = [i * chunkWidth, j * chunkHeight];
      const shown = Math.min(chunkHeight, height - y);
      const first = j * across + i;
      yield {
        ...{ x, y },
        width: Math.min(chunkWidth, width - x),
        height: shown,
        storedHeight: tiled ? chunkHeight : shown,
        chunks: Array.from(
          { length: planar ? samples : 1 },
          (_, p) => chunks[p * across * down + first] as Chunk,
        ),
      };
    }
  }
}

async function readRegion(
  file: ImageFile,
  directory: Directory,
  layout: TiffLayout,
  region: Region,
  paintRows: PaintRows,
): Promise<void> {
  const { compression, width, height, chunkWidth, samples, planar, photometric } = layout;
  const perChunk = planar ? 1 : samples;
  if (compression === 'jpeg') {
    const planes: Uint8Array[] = [];
    for (const chunk of region.chunks) {
      const bytes = packedOf(file, layout, chunk);
      const beside = width * height;
      const size = { width: chunkWidth, height: region.storedHeight, channels: perChunk, beside };
      const toRgb = photometric === Photometric.YCbCr && !planar;
      planes.push(await readJpegChunk(bytes, directory.bytes(Tag.JpegTables), size, toRgb, chunk.name));
    }
    paintRows(interleaved(planes), region, region.y, region.height);
    return;
  }
  if (compression === 'ccitt') {
    readBilevel(directory, layout, region, packedOf(file, layout, region.chunks[0] as Chunk), paintRows);
    return;
  }
  const sources = region.chunks.map((chunk) =>
    compression === 'none'
      ? storedIn(file, layout, chunk)
      : openSource(compression, packedOf(file, layout, chunk), chunk.name),
  );
  try {
    if (photometric === Photometric.YCbCr && !planar) {
      await readBlocks(directory, layout, region, sources[0] as Source, paintRows);
      return;
    }
    const rowBytes = Math.ceil((chunkWidth * perChunk * layout.bits) / 8);
    const most = Math.max(1, Math.floor(BAND / rowBytes));
    for (let row = 0; row < region.height; row += most) {
      const rows = Math.min(most, region.height - row);
      const planes: Samples[] = [];
      for (const source of sources) {
        const bytes = new Uint8Array(rowBytes * rows);
        await source.read(bytes);
        const plane = unpackSamples(bytes, layout, chunkWidth * perChunk, rows);
        if (layout.predictor) undoPredictor(plane, chunkWidth, perChunk, rows);
        planes.push(plane);
      }
      paintRows(interleaved(planes), region, region.y + row, rows);
    }
  } finally {
    for (const source of sources) source.close();
  }
}

/** YCbCr that is not JPEG, whose pixels come in blocks. */
async function readBlocks(
  directory: Directory,
  layout: TiffLayout,
  region: Region,
  source: Source,
  paintRows: PaintRows,
): Promise<void> {
  const subsampling = subsamplingOf(directory, false);
  const { across, down } = subsampling;
  if (layout.predictor && across * down > 1)
    throw PictureError.unsupported('a predictor over subsampled colors');
  const rowBytes = Math.ceil(layout.chunkWidth / across) * (across * down + 2);
  const most = down * Math.max(1, Math.floor(BAND / rowBytes));
  for (let row = 0; row < region.height; row += most) {
    const rows = Math.min(most, region.height - row);
    const bytes = new Uint8Array(rowBytes * Math.ceil(rows / down));
    await source.read(bytes);
    if (layout.predictor) undoPredictor(bytes, layout.chunkWidth, 3, rows);
    paintRows(spread(bytes, layout.chunkWidth, rows, subsampling), region, region.y + row, rows);
  }
}

function readBilevel(
  directory: Directory,
  { chunkWidth }: TiffLayout,
  region: Region,
  packed: Uint8Array,
  paintRows: PaintRows,
): void {
  const twoDimensional = (directory.number(Tag.T4Options, 0) & 1) === 1;
  const options = { method: directory.number(Tag.Compression, 2), twoDimensional };
  const reader = new CcittReader(packed, chunkWidth, options, (region.chunks[0] as Chunk).name);
  const row = new Uint8Array(chunkWidth);
  for (let y = 0; y < region.height; y++) {
    reader.readRow(row);
    paintRows(row, region, region.y + y, 1);
  }
}

/** Where the chunk is in the file. */
function placeOfChunk(
  file: ImageFile,
  { compression, chunks, more }: TiffLayout,
  chunk: Chunk,
): [number, number] {
  const { offset, name } = chunk;
  // A single uncompressed strip ends with its last pixel whatever the file says, as in libtiff.
  const openEnded = chunk.bytes === null || (compression === 'none' && chunks.length === 1 && !more);
  if (chunk.bytes === null && compression !== 'none' && chunks.length > 1)
    throw PictureError.damaged('its directory does not say where its strips end');
  const end = openEnded ? file.length : offset + chunk.bytes;
  if (!(offset >= 8) || !(end > offset) || end > file.length)
    throw PictureError.damaged(
      offset > file.length || end > file.length ? `the file ends within ${name}` : `${name} is empty`,
    );
  return [offset, end];
}

function storedIn(file: ImageFile, layout: TiffLayout, chunk: Chunk): Source {
  const [start, end] = placeOfChunk(file, layout, chunk);
  const slice = (from: number, to: number): Buffer => {
    const bytes = file.slice(start + from, start + to);
    return layout.reversed ? reverseBits(bytes) : bytes;
  };
  return new StoredSource(slice, end - start, chunk.name);
}

/** The chunk's packed bytes in the file. */
function packedOf(file: ImageFile, layout: TiffLayout, chunk: Chunk): Buffer {
  const [start, end] = placeOfChunk(file, layout, chunk);
  if (end - start > MOST_PACKED)
    throw PictureError.unsupported(
      `${Math.round((end - start) / 2 ** 20)} MiB in ${chunk.name}`,
      SMALLER_STRIPS,
    );
  const packed = file.slice(start, end);
  // JPEG has its own order.
  return layout.reversed && layout.compression !== 'jpeg' ? reverseBits(packed) : packed;
}

/** Of one strip, beside 100 megapixels. */
const MOST_PACKED = 100 << 20;

const SMALLER_STRIPS = 'Save it in smaller strips or tiles, or as PNG.';

/** One plane after another as pixels. */
function interleaved(planes: readonly Samples[]): Samples {
  const [first] = planes as readonly [Samples, ...Samples[]];
  if (planes.length === 1) return first;
  const size = first.length * planes.length;
  const samples = first instanceof Uint8Array ? new Uint8Array(size) : new Uint16Array(size);
  planes.forEach((plane, p) => {
    for (let i = 0, o = p; i < plane.length; i++, o += planes.length) samples[o] = plane[i] as number;
  });
  return samples;
}

function colorSpaceOf({ photometric, bits }: TiffLayout): string {
  const wide = bits === 16;
  if (photometric <= Photometric.BlackIsZero) return wide ? 'gray16' : 'b-w';
  if (photometric === Photometric.Cmyk) return 'cmyk';
  return wide ? 'rgb16' : 'srgb';
}

function notesOf({ alpha, photometric, planar, frames, profile }: TiffLayout, opaque: boolean): DecodeNote[] {
  const notes: DecodeNote[] = [];
  if (!opaque)
    notes.push(
      alpha === 'unassociated' && (photometric === Photometric.Rgb || planar)
        ? ALPHA_MULTIPLIED
        : ALPHA_DROPPED,
    );
  if (frames > 1) notes.push(firstFrameOnly(frames));
  if (profile) notes.push(profileIgnored(photometric === Photometric.Cmyk));
  return notes;
}

const ALPHA_MULTIPLIED: DecodeNote = {
  code: 'alpha-dropped',
  message:
    'The picture is partly transparent; as OpenCV does with TIFF, its colors were multiplied by alpha, which darkens them, and alpha was dropped.',
};
