/** JPEG within TIFF (Technical Note 2): tables in the directory, an abbreviated stream a chunk. */

import { frameIn, isAdded, Marker, segmentsOf } from '../jpeg/segments';
import { PictureError } from '../problems';
import { loadSharp } from '../sharp';

export interface ChunkSize {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

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
  const { segments, scan, frame } = partsOf(packed, chunk);
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
  const own = tables === null ? [] : partsOf(tables, 'its JPEG tables').segments;
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

function partsOf(stream: Uint8Array, what: string): Stream {
  const segments: Uint8Array[] = [];
  let frame: ChunkSize | null = null;
  for (const segment of segmentsOf(stream, what)) {
    const { marker, start, end } = segment;
    if (marker === Marker.Sos) return { segments, scan: stream.subarray(start), frame };
    if (!isAdded(marker)) segments.push(stream.subarray(start, end));
    frame = frameIn(stream, segment) ?? frame;
  }
  return { segments, scan: new Uint8Array(0), frame };
}

/** Adobe's segment, by which libjpeg knows what three channels are: 0 is RGB, 1 is YCbCr. */
function adobe(transform: 0 | 1): Buffer {
  return Buffer.from([0xff, 0xee, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, transform]);
}
