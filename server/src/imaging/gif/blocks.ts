/** The blocks of a GIF, walked to the trailer: a file that ends early is refused, wherever it ends (GIF89a specification). */

import { PictureError } from '../problems';

export interface Gif {
  /** Of the canvas. */
  readonly width: number;
  readonly height: number;
  /** Index of the background color in `palette`. */
  readonly background: number;
  /** The global palette: R, G, B of each index. */
  readonly palette: Uint8Array | null;
  readonly frame: GifFrame;
  /** Frames in the file; `frame` is the first. */
  readonly frames: number;
}

export interface GifFrame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  readonly palette: Uint8Array | null;
  /** Index whose pixels are not painted. */
  readonly transparent: number | null;
  readonly minCodeSize: number;
  /** LZW codes: the contents of the sub-blocks, put together. */
  readonly data: Uint8Array;
}

const Block = { Extension: 0x21, Image: 0x2c, Trailer: 0x3b } as const;
const GRAPHIC_CONTROL = 0xf9;

/** @throws PictureError */
export function readGif(file: Buffer): Gif {
  const blocks = new Blocks(file, 6);
  const [width, height] = [blocks.word(), blocks.word()];
  if (width === 0 || height === 0) throw PictureError.damaged(`its size is ${width} x ${height} pixels`);
  const flags = blocks.byte();
  const background = blocks.byte();
  blocks.byte(); // aspect ratio
  const palette = blocks.palette(flags);
  if (palette !== null && background * 3 >= palette.length)
    throw PictureError.damaged('its background color is not in its palette');

  let first: GifFrame | null = null;
  let transparent: number | null = null;
  let frames = 0;
  for (;;) {
    const type = blocks.byte();
    if (type === Block.Trailer) break;
    if (type === Block.Extension) {
      if (blocks.byte() === GRAPHIC_CONTROL && first === null) transparent = readControl(blocks.subBlocks());
      else blocks.skip();
    } else if (type === Block.Image) {
      frames++;
      const frame = readFrame(blocks, transparent, first === null);
      first ??= frame;
    } else throw PictureError.damaged(`a block of unknown type ${type}`);
  }
  if (first === null) throw PictureError.damaged('no frame is in it');
  const { left, top } = first;
  if (first.width === 0 || first.height === 0 || left + first.width > width || top + first.height > height)
    throw PictureError.damaged('its first frame leaves the canvas');
  return { width, height, background, palette, frame: first, frames };
}

/** Of the graphic control extension: the transparent index. */
function readControl(data: Uint8Array): number | null {
  const [flags, , , index] = data;
  if (data.length !== 4 || flags === undefined || index === undefined)
    throw PictureError.damaged(`a graphic control of ${data.length} bytes in place of 4`);
  const disposal = (flags >> 2) & 7;
  if (disposal > 3) throw PictureError.unsupported(`disposal method ${disposal}`);
  return flags & 1 ? index : null;
}

function readFrame(blocks: Blocks, transparent: number | null, wanted: boolean): GifFrame {
  const [left, top, width, height] = [blocks.word(), blocks.word(), blocks.word(), blocks.word()];
  const flags = blocks.byte();
  const palette = blocks.palette(flags);
  const minCodeSize = blocks.byte();
  const data = wanted ? blocks.subBlocks() : blocks.skip();
  return {
    left,
    top,
    width,
    height,
    interlaced: (flags & 0x40) !== 0,
    palette,
    transparent,
    minCodeSize,
    data,
  };
}

class Blocks {
  constructor(
    private readonly file: Buffer,
    private at: number,
  ) {}

  byte(): number {
    const byte = this.file[this.at++];
    if (byte === undefined) throw PictureError.damaged('the file ends before its last block');
    return byte;
  }

  word(): number {
    return this.byte() | (this.byte() << 8);
  }

  bytes(count: number): Uint8Array {
    if (this.at + count > this.file.length) throw PictureError.damaged('the file ends before its last block');
    const start = this.at;
    this.at += count;
    return this.file.subarray(start, this.at);
  }

  /** What the flags of the screen or of a frame say follows. */
  palette(flags: number): Uint8Array | null {
    return flags & 0x80 ? this.bytes(3 << ((flags & 7) + 1)) : null;
  }

  /** Up to the empty one. */
  subBlocks(): Uint8Array {
    const parts: Uint8Array[] = [];
    for (let length = this.byte(); length > 0; length = this.byte()) parts.push(this.bytes(length));
    return Buffer.concat(parts);
  }

  /** Over sub-blocks; an empty array. */
  skip(): Uint8Array {
    for (let length = this.byte(); length > 0; length = this.byte()) this.bytes(length);
    return new Uint8Array(0);
  }
}
