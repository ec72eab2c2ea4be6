/** The bytes of an image file: held whole, or read range by range where that would take too much memory. */

import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { readSync, statSync } from 'node:fs';
import { PictureError } from './problems';

export interface ImageFile {
  readonly length: number;
  /** The bytes from `start` to before `end`, fewer where the file ends. */
  slice(start: number, end: number): Buffer;
  /** All of them. @throws PictureError where they are too many to hold */
  whole(): Buffer;
  /** For decoders that open the file themselves. */
  readonly source: Buffer | string;
  /** Of all bytes, in hex; to be asked last. @throws PictureError if the file has changed since it was opened */
  sha256(): string;
}

export class MemoryFile implements ImageFile {
  declare private readonly nominal: never;
  readonly length: number;

  constructor(readonly source: Buffer) {
    this.length = source.length;
  }

  slice(start: number, end: number): Buffer {
    return this.source.subarray(start, end);
  }

  whole(): Buffer {
    return this.source;
  }

  sha256(): string {
    return createHash('sha256').update(this.source).digest('hex');
  }
}

/** Beside 100 megapixels and what they are unpacked through. */
const MOST_WHOLE_BYTES = 100 << 20;

const PIECE = 1 << 22;

export class LargeFile implements ImageFile {
  readonly length: number;

  constructor(
    readonly source: string,
    private readonly fd: number,
    private readonly opened: Stats,
  ) {
    this.length = opened.size;
  }

  slice(start: number, end: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(end, this.length) - start));
    for (let at = 0; at < bytes.length;) {
      const count = readSync(this.fd, bytes, at, bytes.length - at, start + at);
      if (count === 0) throw changed();
      at += count;
    }
    return bytes;
  }

  whole(): Buffer {
    if (this.length > MOST_WHOLE_BYTES)
      throw PictureError.unsupported(`${Math.round(this.length / 2 ** 20)} MiB of packed pixels`);
    return this.slice(0, this.length);
  }

  sha256(): string {
    const hash = createHash('sha256');
    for (let at = 0; at < this.length; at += PIECE) hash.update(this.slice(at, at + PIECE));
    const { dev, ino, size, mtimeMs } = statSync(this.source);
    const { opened } = this;
    if (dev !== opened.dev || ino !== opened.ino || size !== opened.size || mtimeMs !== opened.mtimeMs)
      throw changed();
    return hash.digest('hex');
  }
}

const changed = (): PictureError => PictureError.damaged('the file changed while it was read');
