/** Writes nested protobuf messages as a list of pieces, so that weights are never copied on the way to a file. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Byte fields from this size on become pieces of their own instead of being copied into the running buffer. */
const OWN_PIECE_BYTES = 4096;

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

export class MessageWriter {
  private readonly done: Uint8Array[] = [];
  private readonly open = new BinaryWriter();

  string(field: number, value: string): void {
    this.open.tag(field, WireType.LengthDelimited).string(value);
  }

  /** Rounds to the nearest integer and clamps to the range of int64. */
  int64(field: number, value: number): void {
    this.open.tag(field, WireType.Varint).int64(toInt64(value));
  }

  int32(field: number, value: number): void {
    this.open.tag(field, WireType.Varint).int32(value);
  }

  float(field: number, value: number): void {
    this.open.tag(field, WireType.Bit32).float(Math.fround(value));
  }

  packedInt64(field: number, values: readonly number[]): void {
    this.open.tag(field, WireType.LengthDelimited).fork();
    for (const value of values) this.open.int64(toInt64(value));
    this.open.join();
  }

  packedFloat(field: number, values: readonly number[]): void {
    this.open.tag(field, WireType.LengthDelimited).fork();
    for (const value of values) this.open.float(Math.fround(value));
    this.open.join();
  }

  /** Keeps a reference to `value` when it is large: it must not change before the message is written. */
  bytes(field: number, value: Uint8Array): void {
    this.open.tag(field, WireType.LengthDelimited).uint32(value.byteLength);
    this.append(value);
  }

  message(field: number, write: (message: MessageWriter) => void): void {
    const child = new MessageWriter();
    write(child);
    const pieces = child.pieces();
    this.open.tag(field, WireType.LengthDelimited).uint32(totalBytes(pieces));
    for (const piece of pieces) this.append(piece);
  }

  /** The message so far, in order. */
  pieces(): readonly Uint8Array[] {
    this.flush();
    return this.done;
  }

  private append(piece: Uint8Array): void {
    if (piece.byteLength < OWN_PIECE_BYTES) {
      this.open.raw(piece);
      return;
    }
    this.flush();
    this.push(piece);
  }

  private flush(): void {
    this.push(this.open.finish());
  }

  private push(piece: Uint8Array): void {
    if (piece.byteLength === 0) return;
    this.done.push(piece);
  }
}

export function totalBytes(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
}

function toInt64(value: number): bigint {
  if (Number.isNaN(value)) throw new RangeError('NaN is not an integer.');
  if (value >= Number(INT64_MAX)) return INT64_MAX;
  if (value <= Number(INT64_MIN)) return INT64_MIN;
  return BigInt(Math.round(value));
}
