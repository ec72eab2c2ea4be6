/** CCITT's codes for bilevel pictures as TIFF holds them: modified Huffman, Group 3 (ITU-T T.4) and Group 4 (T.6). */

import { PictureError } from '../problems';
import { blackRuns, Mode, modes, MOST_BITS, whiteRuns } from './ccitt-codes';
import type { CodeTable } from './ccitt-codes';

export interface CcittOptions {
  /** TIFF's compression tag: 2, 3 or 4. */
  readonly method: number;
  /** Group 3 whose rows may refer to the row above. */
  readonly twoDimensional: boolean;
}

/** Rows of 0 (white) and 1 (black), each complete: what libtiff would guess at is refused. */
export class CcittReader {
  /** In bits. */
  private at = 0;
  /** Where colors change in the row above and in this one: even entries begin black, odd ones white. */
  private above: Int32Array;
  private current: Int32Array;

  /** @param chunk named in what is thrown */
  constructor(
    private readonly packed: Uint8Array,
    private readonly width: number,
    private readonly options: CcittOptions,
    private readonly chunk: string,
  ) {
    this.above = new Int32Array(width + 4).fill(width);
    this.current = new Int32Array(width + 4);
  }

  /** @throws PictureError */
  readRow(into: Uint8Array): void {
    const { method, twoDimensional } = this.options;
    let refers = method === 4;
    if (method === 2) this.at = Math.ceil(this.at / 8) * 8;
    if (method === 3) {
      const marked = this.skipRowEnds();
      if (twoDimensional) {
        if (!marked) throw this.invalid();
        refers = this.bit() === 0;
      }
    }
    const changes = refers ? this.readReferring() : this.readRuns();
    into.fill(0);
    for (let i = 0; i < changes; i += 2)
      into.fill(1, this.current[i], i + 1 < changes ? this.current[i + 1] : this.width);
    this.current.fill(this.width, changes);
    [this.above, this.current] = [this.current, this.above];
  }

  /** White and black in turn until the row is full. Returns how many changes there are. */
  private readRuns(): number {
    let changes = 0;
    for (let x = 0, black = false; ; black = !black) {
      x += this.run(black);
      if (x > this.width) throw this.invalid();
      if (x === this.width) return changes;
      changes = this.change(changes, x);
    }
  }

  /** T.6, section 2.2: a0 is where we are, b1 and b2 the next changes above to the other color and back. */
  private readReferring(): number {
    const { width, above } = this;
    let changes = 0;
    let a0 = -1;
    let black = false;
    let b = 0;
    while (a0 < width) {
      while (b > 0 && (above[b - 1] as number) > a0) b--;
      while ((above[b] as number) < width && ((above[b] as number) <= a0 || (b % 2 === 1) !== black)) b++;
      const b1 = above[b] as number;
      const mode = this.code(modes);
      if (mode === Mode.Pass) {
        a0 = b1 < width ? (above[b + 1] as number) : width;
        continue;
      }
      if (mode === Mode.Horizontal) {
        const first = Math.max(a0, 0) + this.run(black);
        const second = first + this.run(!black);
        if (second > width) throw this.invalid();
        if (first < width) changes = this.change(changes, first);
        if (second < width) changes = this.change(changes, second);
        a0 = second;
        continue;
      }
      const a1 = b1 + mode;
      if (a1 < Math.max(a0, 0) || a1 > width) throw this.invalid();
      if (a1 < width) changes = this.change(changes, a1);
      a0 = a1;
      black = !black;
    }
    return changes;
  }

  private change(changes: number, x: number): number {
    // A run of no pixels takes the change before it back.
    if (changes > 0 && this.current[changes - 1] === x) return changes - 1;
    if (changes > this.width) throw this.invalid();
    this.current[changes] = x;
    return changes + 1;
  }

  /** Make-up codes of 64 and more add up until a terminating one. */
  private run(black: boolean): number {
    for (let length = 0; ;) {
      const part = this.code(black ? blackRuns : whiteRuns);
      length += part;
      if (part < 64) return length;
      if (length > this.width) throw this.invalid();
    }
  }

  private code(table: CodeTable): number {
    const entry = table[this.peek(MOST_BITS)] as number;
    if (entry === 0) throw this.at >= this.packed.length * 8 ? this.ended() : this.invalid();
    this.at += entry & 15;
    if (this.at > this.packed.length * 8) throw this.ended();
    return entry >> 4;
  }

  /** Eleven zeros or more and a one, any number of times. Whether there was one. */
  private skipRowEnds(): boolean {
    for (let found = false; ; found = true) {
      let at = this.at;
      const end = this.packed.length * 8;
      while (at < end && this.bitAt(at) === 0) at++;
      if (at - this.at < 11 || at >= end) return found;
      this.at = at + 1;
      if (this.options.twoDimensional) return true; // its tag bit follows
    }
  }

  private bit(): number {
    return this.bitAt(this.at++);
  }

  private bitAt(at: number): number {
    return ((this.packed[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
  }

  /** The next bits, zeros beyond the end. */
  private peek(count: number): number {
    const { packed } = this;
    const byte = this.at >> 3;
    const bits = ((packed[byte] ?? 0) << 16) | ((packed[byte + 1] ?? 0) << 8) | (packed[byte + 2] ?? 0);
    return (bits >> (24 - count - (this.at & 7))) & ((1 << count) - 1);
  }

  private invalid(): PictureError {
    return PictureError.damaged(`${this.chunk} holds invalid CCITT codes`);
  }

  private ended(): PictureError {
    return PictureError.damaged(`${this.chunk} ends before its last pixel`);
  }
}
