/** Writes nested protobuf messages as a list of pieces, so that weights are never copied on the way to a file. */

const WireType = { varint: 0, bytes: 2, bit32: 5 } as const;

/** Byte fields from this size on become pieces of their own instead of being copied into the running buffer. */
const OWN_PIECE_BYTES = 4096;

/** Longest string that is written character by character. */
const MOST_CHARACTERS = 256;

const FIRST_BYTES = 1 << 14;

/** The most bytes of a varint of 64 bits. */
const VARINT_BYTES = 10;

/** All messages of a file go into one buffer; a message's length is inserted before it once it is known. */
export class MessageWriter {
  private readonly done: Uint8Array[] = [];
  /** The piece that is being written: `buffer` up to `at`. */
  private buffer = Buffer.allocUnsafe(FIRST_BYTES);
  private at = 0;

  string(field: number, value: string): void {
    this.tag(field, WireType.bytes);
    if (this.ascii(value)) return;
    const bytes = Buffer.byteLength(value);
    this.varint(bytes);
    this.reserve(bytes);
    this.at += this.buffer.write(value, this.at);
  }

  /** Names are short, and mostly ASCII: writing them character by character is faster than calling native code. False if it is not ASCII. */
  private ascii(value: string): boolean {
    const { length } = value;
    if (length > MOST_CHARACTERS) return false;
    this.reserve(VARINT_BYTES + length);
    const start = putVarint(this.buffer, this.at, length);
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) return false;
      this.buffer[start + i] = code;
    }
    this.at = start + length;
    return true;
  }

  /** Rounds to the nearest integer and clamps to the range of int64. */
  int64(field: number, value: number): void {
    this.tag(field, WireType.varint);
    this.signed(value);
  }

  float(field: number, value: number): void {
    this.tag(field, WireType.bit32);
    this.bits32(value);
  }

  packedInt64(field: number, values: readonly number[]): void {
    this.message(field, () => {
      for (const value of values) this.signed(value);
    });
  }

  packedFloat(field: number, values: readonly number[]): void {
    this.message(field, () => {
      for (const value of values) this.bits32(value);
    });
  }

  /** Keeps a reference to `value` when it is large: it must not change before the message is written. */
  bytes(field: number, value: Uint8Array): void {
    this.tag(field, WireType.bytes);
    this.varint(value.byteLength);
    if (value.byteLength >= OWN_PIECE_BYTES) {
      this.close();
      this.done.push(value);
      return;
    }
    this.reserve(value.byteLength);
    this.buffer.set(value, this.at);
    this.at += value.byteLength;
  }

  message(field: number, write: (message: this) => void): void {
    this.tag(field, WireType.bytes);
    const [piece, start] = [this.done.length, this.at];
    write(this);
    if (piece === this.done.length) this.insertLength(start);
    else this.insertLengthInto(piece, start);
  }

  /** What was written so far, in order. */
  pieces(): readonly Uint8Array[] {
    this.close();
    return this.done;
  }

  /** For a message that begins at `start` of the current piece. */
  private insertLength(start: number): void {
    const length = this.at - start;
    this.reserve(VARINT_BYTES);
    const moved = start + sizeOfVarint(length);
    this.buffer.copyWithin(moved, start, this.at);
    this.at = start;
    this.varint(length);
    this.at = moved + length;
  }

  /** For a message that begins at `start` of a closed piece. Enclosing messages begin before it, so their positions hold. */
  private insertLengthInto(piece: number, start: number): void {
    const [first = EMPTY, ...others] = this.done.splice(piece);
    const [before, behind] = [first.subarray(0, start), first.subarray(start)];
    const length = behind.byteLength + totalBytes(others) + this.at;
    const prefix = Buffer.allocUnsafe(VARINT_BYTES);
    const bytes = putVarint(prefix, 0, length);
    this.done.push(before, prefix.subarray(0, bytes), behind, ...others);
  }

  private tag(field: number, wire: number): void {
    this.varint(field * 8 + wire);
  }

  private varint(value: number): void {
    this.reserve(VARINT_BYTES);
    this.at = putVarint(this.buffer, this.at, value);
  }

  private signed(value: number): void {
    const rounded = toInt64(value);
    if (typeof rounded === 'number') {
      this.varint(rounded);
      return;
    }
    this.reserve(VARINT_BYTES);
    this.at = putBigVarint(this.buffer, this.at, BigInt.asUintN(64, rounded));
  }

  private bits32(value: number): void {
    this.reserve(4);
    this.at = this.buffer.writeFloatLE(Math.fround(value), this.at);
  }

  private reserve(bytes: number): void {
    if (this.at + bytes <= this.buffer.byteLength) return;
    const size = Math.max(FIRST_BYTES, 2 * this.buffer.byteLength, this.at + bytes);
    const larger = Buffer.allocUnsafe(size);
    larger.set(this.buffer.subarray(0, this.at));
    this.buffer = larger;
  }

  /** Closes the piece even if it is empty: open messages point into it. */
  private close(): void {
    this.done.push(this.buffer.subarray(0, this.at));
    this.buffer = this.buffer.subarray(this.at);
    this.at = 0;
  }
}

const EMPTY = new Uint8Array();

export function totalBytes(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
}

const sizeOfVarint = (value: number): number => {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
};

/** Writes a nonnegative safe integer. Returns where it ends. */
function putVarint(buffer: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) buffer[at++] = (rest % 0x80) | 0x80;
  buffer[at++] = rest;
  return at;
}

function putBigVarint(buffer: Uint8Array, start: number, value: bigint): number {
  let at = start;
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) buffer[at++] = Number(rest & 0x7fn) | 0x80;
  buffer[at++] = Number(rest);
  return at;
}

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** A number where that is exact and not negative. */
function toInt64(value: number): number | bigint {
  const rounded = Math.round(value);
  if (rounded >= 0 && rounded <= Number.MAX_SAFE_INTEGER) return rounded;
  if (Number.isNaN(value)) throw new RangeError('NaN is not an integer.');
  if (value >= Number(INT64_MAX)) return INT64_MAX;
  if (value <= Number(INT64_MIN)) return INT64_MIN;
  return BigInt(rounded);
}
