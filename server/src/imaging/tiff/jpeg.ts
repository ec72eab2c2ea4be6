/** JPEG within TIFF (Technical Note 2): tables in the directory, an abbreviated stream a chunk. */

import { PictureError } from '../problems';
import { loadSharp } from '../sharp';

export interface ChunkSize {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

const Marker = { Soi: 0xd8, Eoi: 0xd9, Sos: 0xda, App0: 0xe0, App15: 0xef, Comment: 0xfe } as const;

/** Of picture and strip together: 3 or 4 bytes each, and the strip is held packed besides. */
const MOST_PIXELS = 120e6;

/**
 * Interleaved samples of a chunk, decoded by libjpeg.
 * @param size of the chunk; `beside`: pixels of the picture that is held meanwhile
 * @param toRgb converts from YCbCr; otherwise samples are as stored, whatever the stream says
 * @param chunk named in what is thrown
 * @throws PictureError
 */
export async function readJpegChunk(
  packed: Uint8Array,
  tables: Uint8Array | null,
  size: ChunkSize & { readonly beside: number },
  toRgb: boolean,
  chunk: string,
): Promise<Uint8Array> {
  const { segments, scan, frame } = segmentsOf(packed, chunk);
  const { width, height, channels } = size;
  if (frame === null || frame.width !== width || frame.height < height || frame.channels !== channels)
    throw PictureError.damaged(
      `${chunk} holds a JPEG of ${frame === null ? 'no size' : `${frame.width} x ${frame.height} pixels and ${frame.channels} channels`} ` +
        `in place of ${width} x ${height} and ${channels}`,
    );
  // A strip may hold more rows than the picture has left, and no more than that.
  if (frame.height * frame.width > 2 ** 28)
    throw PictureError.unsafe(`${chunk} holds a JPEG of ${frame.height} rows`);
  const pixels = frame.height * frame.width;
  if (pixels + size.beside > MOST_PIXELS)
    throw PictureError.unsupported(
      `a JPEG strip of ${Math.round(pixels / 1e6)} megapixels`,
      'Save it in smaller strips or tiles, or as PNG.',
    );
  const own = tables === null ? [] : segmentsOf(tables, 'its JPEG tables').segments;
  const jpeg = Buffer.concat([
    Buffer.from([0xff, Marker.Soi]),
    ...(channels === 3 ? [adobe(toRgb ? 1 : 0)] : []),
    ...own,
    ...segments,
    scan,
  ]);
  try {
    const space = channels === 4 ? 'cmyk' : channels === 3 ? 'srgb' : 'b-w';
    let pipeline = loadSharp()(jpeg, {
      failOn: 'warning',
      limitInputPixels: false,
      ignoreIcc: true,
      sequentialRead: true,
    });
    if (channels === 4) pipeline = pipeline.pipelineColourspace('cmyk');
    const { data, info } = await pipeline
      .toColourspace(space)
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== channels) throw new Error(`${info.channels} channels in place of ${channels}`);
    const samples = data.subarray(0, width * height * channels);
    // libvips takes every CMYK JPEG for one of Photoshop's, which are inverted.
    if (channels === 4) for (let i = 0; i < samples.length; i++) samples[i] = 255 - (samples[i] as number);
    return samples;
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1) ?? '';
    throw PictureError.damaged(`${chunk} cannot be decoded ("${reason.trim()}")`);
  }
}

interface Stream {
  /** Tables and frame header, without what an application added. */
  readonly segments: readonly Uint8Array[];
  /** From the first scan to the end. */
  readonly scan: Uint8Array;
  readonly frame: ChunkSize | null;
}

/** Walks the markers up to the first scan. */
function segmentsOf(stream: Uint8Array, what: string): Stream {
  const segments: Uint8Array[] = [];
  let frame: ChunkSize | null = null;
  let at = 0;
  const byte = (): number => {
    const value = stream[at++];
    if (value === undefined) throw PictureError.damaged(`${what} ends within its JPEG header`);
    return value;
  };
  for (;;) {
    if (at >= stream.length && segments.length > 0) break;
    if (byte() !== 0xff) throw PictureError.damaged(`${what} is not a JPEG stream`);
    let marker = byte();
    while (marker === 0xff) marker = byte();
    if (marker === Marker.Soi) continue;
    if (marker === Marker.Eoi) break;
    const start = at - 2;
    const length = (byte() << 8) | byte();
    const end = start + 2 + length;
    if (length < 2 || end > stream.length) throw PictureError.damaged(`${what} ends within its JPEG header`);
    if (marker === Marker.Sos) return { segments, scan: stream.subarray(start), frame };
    const added = (marker >= Marker.App0 && marker <= Marker.App15) || marker === Marker.Comment;
    if (!added) segments.push(stream.subarray(start, end));
    // SOF0 to SOF15 without DHT, JPG and DAC.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker) && length >= 8)
      frame = {
        height: ((stream[start + 5] as number) << 8) | (stream[start + 6] as number),
        width: ((stream[start + 7] as number) << 8) | (stream[start + 8] as number),
        channels: stream[start + 9] as number,
      };
    at = end;
  }
  return { segments, scan: new Uint8Array(0), frame };
}

/** Adobe's segment, by which libjpeg knows what three channels are: 0 is RGB, 1 is YCbCr. */
function adobe(transform: 0 | 1): Buffer {
  return Buffer.from([0xff, 0xee, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, transform]);
}
