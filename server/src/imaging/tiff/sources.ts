/** A chunk's bytes as they unpack, piece by piece, so that no more of a picture is held than is being painted. */

import { createInflate } from 'node:zlib';
import { PictureError } from '../problems';
import { LzwReader } from './lzw';

/** Unpacked bytes in order. */
export interface Source {
  /** Fills all of `into`. @throws PictureError where the chunk ends before */
  read(into: Uint8Array): Promise<void>;
  /** No more will be read. */
  close(): void;
}

/** @param chunk named in what is thrown, as in "strip 2 of 7" */
export function openSource(
  compression: 'lzw' | 'deflate' | 'packbits',
  packed: Uint8Array,
  chunk: string,
): Source {
  switch (compression) {
    case 'packbits':
      return new PackBitsSource(packed, chunk);
    case 'lzw':
      return new LzwSource(packed, chunk);
    case 'deflate':
      return new DeflateSource(packed, chunk);
  }
}

const ends = (chunk: string): PictureError => PictureError.damaged(`${chunk} ends before its last pixel`);

/** What is stored as it is: read from the file on demand, since it may be larger than the picture. */
export class StoredSource implements Source {
  private at = 0;

  /** @param slice as of ImageFile, counted from the beginning of the chunk */
  constructor(
    private readonly slice: (start: number, end: number) => Uint8Array,
    private readonly length: number,
    private readonly chunk: string,
  ) {}

  read(into: Uint8Array): Promise<void> {
    const end = this.at + into.length;
    if (end > this.length) return Promise.reject(ends(this.chunk));
    into.set(this.slice(this.at, end));
    this.at = end;
    return Promise.resolve();
  }

  close(): void {}
}

/** Macintosh PackBits: n < 128 means n + 1 literal bytes, n > 128 the next byte 257 - n times, 128 nothing (TIFF 6.0, section 9). */
class PackBitsSource implements Source {
  private at = 0;
  /** What is left of the current run. */
  private left = 0;
  private value = -1;

  constructor(
    private readonly packed: Uint8Array,
    private readonly chunk: string,
  ) {}

  async read(into: Uint8Array): Promise<void> {
    let o = 0;
    while (o < into.length) {
      if (this.left === 0) {
        const count = this.next();
        if (count === 128) continue;
        this.left = count < 128 ? count + 1 : 257 - count;
        this.value = count < 128 ? -1 : this.next();
      }
      const here = Math.min(this.left, into.length - o);
      if (this.value >= 0) into.fill(this.value, o, o + here);
      else {
        if (this.at + here > this.packed.length) throw ends(this.chunk);
        into.set(this.packed.subarray(this.at, this.at + here), o);
        this.at += here;
      }
      this.left -= here;
      o += here;
    }
    return Promise.resolve();
  }

  close(): void {}

  private next(): number {
    const byte = this.packed[this.at++];
    if (byte === undefined) throw ends(this.chunk);
    return byte;
  }
}

class LzwSource implements Source {
  private readonly reader: LzwReader;

  constructor(
    packed: Uint8Array,
    private readonly chunk: string,
  ) {
    this.reader = new LzwReader(packed, chunk);
  }

  async read(into: Uint8Array): Promise<void> {
    if (!this.reader.read(into)) throw ends(this.chunk);
    return Promise.resolve();
  }

  close(): void {}
}

class DeflateSource implements Source {
  private readonly stream = createInflate({ chunkSize: 1 << 18 });
  private readonly pieces: AsyncIterator<Buffer>;
  private piece: Buffer = Buffer.alloc(0);
  private at = 0;

  constructor(
    packed: Uint8Array,
    private readonly chunk: string,
  ) {
    this.pieces = this.stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    this.stream.end(packed);
  }

  async read(into: Uint8Array): Promise<void> {
    for (let o = 0; o < into.length;) {
      if (this.at === this.piece.length) await this.advance();
      const here = Math.min(this.piece.length - this.at, into.length - o);
      into.set(this.piece.subarray(this.at, this.at + here), o);
      this.at += here;
      o += here;
    }
  }

  close(): void {
    this.stream.destroy();
  }

  private async advance(): Promise<void> {
    let result: IteratorResult<Buffer>;
    try {
      result = await this.pieces.next();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      throw code === 'Z_BUF_ERROR'
        ? ends(this.chunk)
        : PictureError.damaged(
            `${this.chunk} is not a valid Deflate stream (${error instanceof Error ? error.message : code})`,
          );
    }
    if (result.done === true) throw ends(this.chunk);
    this.piece = result.value;
    this.at = 0;
  }
}
