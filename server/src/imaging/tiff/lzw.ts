/** TIFF's LZW: codes of 9 to 12 bits, highest bit first, which grow one code early (TIFF 6.0, section 13). */

import { PictureError } from '../problems';

const CLEAR = 256;
const END = 257;
const MOST_CODES = 4096;

export class LzwReader {
  /** Of each code beyond `END`: the code it continues, its last byte, how many bytes it stands for. */
  private readonly prefix = new Uint16Array(MOST_CODES);
  private readonly suffix = new Uint8Array(MOST_CODES);
  private readonly length = new Uint16Array(MOST_CODES).fill(1, 0, CLEAR);
  private codes = END + 1;
  private width = 9;
  private previous = -1;
  private at = 0;
  private bits = 0;
  private held = 0;
  /** What the last code stands for, right-aligned, and how much of it has not been read yet. */
  private readonly text = new Uint8Array(MOST_CODES + 1);
  private left = 0;

  /** @param chunk named in what is thrown */
  constructor(
    private readonly packed: Uint8Array,
    private readonly chunk: string,
  ) {
    for (let code = 0; code < CLEAR; code++) this.suffix[code] = code;
    // Before TIFF 6.0 codes came lowest bit first; the clear code that begins a chunk shows which.
    if (packed[0] === 0 && ((packed[1] ?? 0) & 1) === 1)
      throw PictureError.unsupported('LZW compression from before TIFF 6.0');
  }

  /** Fills all of `into`, or returns false: the codes end before. @throws PictureError */
  read(into: Uint8Array): boolean {
    for (let o = 0; o < into.length;) {
      if (this.left === 0 && !this.next()) return false;
      const here = Math.min(this.left, into.length - o);
      const start = this.text.length - this.left;
      if (here === 1) into[o] = this.text[start] as number;
      else into.set(this.text.subarray(start, start + here), o);
      this.left -= here;
      o += here;
    }
    return true;
  }

  /** Writes out the next code; false after the last. */
  private next(): boolean {
    for (;;) {
      while (this.held < this.width) {
        const byte = this.packed[this.at++];
        if (byte === undefined) return false;
        this.bits = ((this.bits << 8) | byte) & 0xffffff;
        this.held += 8;
      }
      this.held -= this.width;
      const code = (this.bits >>> this.held) & ((1 << this.width) - 1);
      if (code === END) return false;
      if (code !== CLEAR) {
        this.unfold(code);
        return true;
      }
      this.codes = END + 1;
      this.width = 9;
      this.previous = -1;
    }
  }

  private unfold(code: number): void {
    const { codes, previous, text } = this;
    if (code > codes || (code === codes && previous < 0) || (previous < 0 && code > END))
      throw PictureError.damaged(`${this.chunk} holds invalid LZW codes`);
    // A code that is not there yet is the one about to be made: the previous one and its own first byte.
    const known = code < codes ? code : previous;
    const length = this.length[known] as number;
    let to = code < codes ? text.length : text.length - 1;
    const start = to - length;
    for (let from = known; to > start; from = this.prefix[from] as number)
      text[--to] = this.suffix[from] as number;
    const first = text[start] as number;
    if (code === codes) text[text.length - 1] = first;
    this.left = text.length - start;
    if (previous >= 0) {
      if (codes >= MOST_CODES) throw PictureError.damaged(`${this.chunk} holds more LZW codes than fit`);
      this.prefix[codes] = previous;
      this.suffix[codes] = first;
      this.length[codes] = (this.length[previous] as number) + 1;
      this.codes = codes + 1;
      if (this.codes === (1 << this.width) - 1 && this.width < 12) this.width++;
    }
    this.previous = code;
  }
}
