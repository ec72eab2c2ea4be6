/** A cursor over the bytes of a pickle: the operand encodings, each bounded. */
import { CheckpointError } from '../error';
import type { CheckpointProblem } from '../error';
import type { Where } from '../error';
import { pickleLimits } from './limits';

/** The bytes ended before the pickle did. */
export class EndOfPickle extends CheckpointError {}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class PickleInput {
  /** Of the next byte to be read. */
  position = 0;

  /** `base` is where `bytes` starts in the file or member `where`. */
  constructor(
    private readonly bytes: Buffer,
    readonly where: Where,
    readonly base = 0,
  ) {}

  /** Position of the next byte in the file or member. */
  get offset(): number {
    return this.base + this.position;
  }

  uint8(): number {
    const byte = this.bytes[this.position];
    if (byte === undefined) throw this.ended(1);
    this.position++;
    return byte;
  }

  uint16(): number {
    return this.bytes.readUInt16LE(this.take(2));
  }

  int32(): number {
    return this.bytes.readInt32LE(this.take(4));
  }

  uint32(): number {
    return this.bytes.readUInt32LE(this.take(4));
  }

  /** A 64-bit length; beyond 2^53 no file has it. */
  uint64(): number {
    const value = this.bytes.readBigUInt64LE(this.take(8));
    if (value > Number.MAX_SAFE_INTEGER) throw this.bad(`has a length of ${value.toString()} bytes`);
    return Number(value);
  }

  /** Big-endian, unlike the rest. */
  float64(): number {
    return this.bytes.readDoubleBE(this.take(8));
  }

  /** Steps over `length` bytes, which must be there. */
  skip(length: number): void {
    this.take(length);
  }

  /** Fails unless `length` more bytes are there. */
  require(length: number): void {
    const start = this.position;
    this.take(length);
    this.position = start;
  }

  text(length: number): string {
    if (length > pickleLimits.stringBytes) {
      throw this.bad(
        `has a string of ${length} bytes; at most ${pickleLimits.stringBytes} are read`,
        'too-large',
      );
    }
    const start = this.take(length);
    return this.decode(start, start + length);
  }

  /** Python 2's str: bytes that are text in every file PyTorch has written. */
  latin1(length: number): string {
    if (length > pickleLimits.stringBytes) {
      throw this.bad(
        `has a string of ${length} bytes; at most ${pickleLimits.stringBytes} are read`,
        'too-large',
      );
    }
    const start = this.take(length);
    return this.bytes.toString('latin1', start, start + length);
  }

  /** Up to the next newline, which is consumed but not returned. */
  line(): string {
    const start = this.position;
    const limit = Math.min(this.bytes.length, start + pickleLimits.lineBytes + 1);
    const found = this.bytes.subarray(start, limit).indexOf(0x0a);
    if (found < 0) {
      if (limit === this.bytes.length) throw this.ended(1);
      throw this.bad(`has a name or number of more than ${pickleLimits.lineBytes} bytes`, 'too-large');
    }
    this.position = start + found + 1;
    return this.decode(start, start + found);
  }

  /** A two's complement little-endian integer: a number where it is exact, a bigint where not. */
  integer(length: number): number | bigint {
    if (length > pickleLimits.integerBytes) {
      throw this.bad(
        `has an integer of ${length} bytes; at most ${pickleLimits.integerBytes} are read`,
        'too-large',
      );
    }
    const start = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes.readUInt8(start + i));
    return narrowed(BigInt.asIntN(8 * length, value));
  }

  private decode(start: number, end: number): string {
    try {
      return utf8.decode(this.bytes.subarray(start, end));
    } catch {
      throw this.bad('has a string that is not UTF-8');
    }
  }

  private take(length: number): number {
    const start = this.position;
    if (!(start + length <= this.bytes.length)) throw this.ended(length);
    this.position = start + length;
    return start;
  }

  private ended(length: number): EndOfPickle {
    return new EndOfPickle(
      this.where,
      `is cut short inside its pickle: bytes ${this.offset} to ${this.offset + length} are needed, ` +
        `there are ${this.base + this.bytes.length}`,
      {
        offset: this.base + this.bytes.length,
        fix: 'Download or copy the file again: it is most likely cut short.',
      },
    );
  }

  private bad(reason: string, kind: CheckpointProblem = 'damaged'): CheckpointError {
    return new CheckpointError(this.where, reason, { offset: this.offset, kind });
  }
}

export function narrowed(value: bigint): number | bigint {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}
