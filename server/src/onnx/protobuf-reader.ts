/** Reads protobuf messages from hostile bytes: every length is checked, and every error says at which byte of the file. */
import { LensError } from '../errors';

/** The fix for a damaged or foreign file. */
const FIX = 'The file is damaged or is not an ONNX model. Export or download it again.';

/**
 * Most messages and strings in one file. Each costs two bytes in the file and a hundred in memory, so a file
 * made for it would exhaust memory otherwise; the largest published vision models have some ten thousand.
 */
const MAX_FIELDS = 4_000_000;

export const WireType = { varint: 0, bit64: 1, bytes: 2, bit32: 5 } as const;

/** The bytes of one file, and the means to report errors in them. */
export class Source {
  readonly view: DataView;
  private readonly buffer: Buffer;
  private fields = 0;

  /** `name` is the path that errors show. */
  constructor(
    readonly bytes: Uint8Array,
    readonly name: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  latin1(start: number, end: number): string {
    return this.buffer.toString('latin1', start, end);
  }

  fail(offset: number, expected: string, found: string, fix = FIX): never {
    throw new LensError('model', `${this.name}: byte ${offset}: expected ${expected}, found ${found}.`, {
      fix,
      code: 'model-damaged',
    });
  }

  /** Counts one message or string against the file's limit. */
  spend(offset: number): void {
    if (++this.fields > MAX_FIELDS) {
      this.fail(
        offset,
        `at most ${MAX_FIELDS} messages and strings`,
        'more',
        'No real model needs that many: check where the file comes from.',
      );
    }
  }
}

/** Walks the fields of one message: `while (message.next()) switch (message.field) ...`; fields that are not read are skipped. */
export class MessageReader {
  /** Number of the current field. */
  field = 0;
  /** Byte at which the current field's tag starts. */
  fieldStart: number;
  private wire = 0;
  private at: number;
  /** Whether the current field's payload has been neither read nor skipped. */
  private pending = false;
  /** The last number read, as two unsigned halves. */
  private low = 0;
  private high = 0;

  constructor(
    readonly source: Source,
    readonly start: number,
    readonly end: number,
  ) {
    this.at = start;
    this.fieldStart = start;
  }

  /** A new reader of the same message. */
  again(): MessageReader {
    return new MessageReader(this.source, this.start, this.end);
  }

  next(): boolean {
    if (this.pending) this.skip();
    if (this.at === this.end) return false;
    this.fieldStart = this.at;
    this.readVarint();
    this.field = (this.low >>> 3) + this.high * 2 ** 29;
    this.wire = this.low & 7;
    if (this.field === 0) this.source.fail(this.fieldStart, 'a field number', '0');
    this.pending = true;
    return true;
  }

  /** A signed 64-bit integer, as the nearest double. */
  int64(): number {
    this.take(WireType.varint);
    this.readVarint();
    return (this.high | 0) * 2 ** 32 + this.low;
  }

  float(): number {
    this.take(WireType.bit32);
    return this.source.view.getFloat32(this.advance(4), true);
  }

  /** A view of the field's bytes. */
  bytes(): Uint8Array {
    const [start, end] = this.payload();
    return this.source.bytes.subarray(start, end);
  }

  string(): string {
    const [start, end] = this.payload();
    this.source.spend(start);
    const plain = this.ascii(start, end);
    if (plain !== null) return plain;
    try {
      return decoder.decode(this.source.bytes.subarray(start, end));
    } catch {
      return this.source.fail(start, 'UTF-8 text', 'other bytes');
    }
  }

  /** Most names are short ASCII, for which calling a decoder takes longer than reading them; null for any other text. */
  private ascii(start: number, end: number): string | null {
    if (end - start > MAX_PLAIN) return null;
    const { bytes } = this.source;
    for (let at = start; at < end; at++) if ((bytes[at] ?? 0x80) >= 0x80) return null;
    return this.source.latin1(start, end);
  }

  message(): MessageReader {
    const [start, end] = this.payload();
    this.source.spend(start);
    return new MessageReader(this.source, start, end);
  }

  /** Calls `each` for every element of a repeated integer field, packed or not, with its two 32-bit halves (unsigned). */
  integers(each: (low: number, high: number, at: number) => void): void {
    if (this.wire === WireType.varint) {
      this.pending = false;
      this.readVarint();
      each(this.low, this.high, this.fieldStart);
      return;
    }
    const [start, end] = this.payload();
    const packed = new MessageReader(this.source, start, end);
    while (packed.at < end) {
      const at = packed.at;
      packed.readVarint();
      each(packed.low, packed.high, at);
    }
  }

  /** The bytes of a repeated fixed-size field: one element, or the packed run of them. */
  fixed(size: 4 | 8): Uint8Array {
    const single = size === 4 ? WireType.bit32 : WireType.bit64;
    if (this.wire === single) {
      this.pending = false;
      const start = this.advance(size);
      return this.source.bytes.subarray(start, start + size);
    }
    const run = this.bytes();
    if (run.byteLength % size !== 0) {
      this.source.fail(this.fieldStart, `a whole number of ${size}-byte values`, `${run.byteLength} bytes`);
    }
    return run;
  }

  private payload(): readonly [start: number, end: number] {
    this.take(WireType.bytes);
    const lengthAt = this.at;
    this.readVarint();
    const length = this.high * 2 ** 32 + this.low;
    if (length > this.end - this.at) {
      const within = this.end === this.source.bytes.byteLength ? 'the file' : 'its message';
      this.source.fail(
        lengthAt,
        `${length} bytes of field ${this.field}`,
        `${this.end - this.at} before ${within} ends`,
      );
    }
    const start = this.at;
    this.at += length;
    return [start, this.at];
  }

  private skip(): void {
    switch (this.wire) {
      case WireType.varint:
        this.readVarint();
        break;
      case WireType.bit64:
        this.advance(8);
        break;
      case WireType.bit32:
        this.advance(4);
        break;
      case WireType.bytes:
        this.payload();
        break;
      default:
        this.source.fail(this.fieldStart, 'a wire type of 0, 1, 2 or 5', String(this.wire));
    }
    this.pending = false;
  }

  private take(wire: number): void {
    if (this.wire !== wire) {
      this.source.fail(
        this.fieldStart,
        `field ${this.field} with wire type ${wire}`,
        `wire type ${this.wire}`,
      );
    }
    this.pending = false;
  }

  private advance(bytes: number): number {
    if (bytes > this.end - this.at) {
      this.source.fail(this.at, `${bytes} bytes of field ${this.field}`, `${this.end - this.at}`);
    }
    const start = this.at;
    this.at += bytes;
    return start;
  }

  /** Reads up to ten bytes of seven bits each into `low` and `high`. */
  private readVarint(): void {
    const { bytes } = this.source;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= this.end) this.source.fail(this.at, 'the rest of a number', 'the end of the data');
      const byte = bytes[this.at++] as number;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    this.source.fail(this.at - 10, 'a number of at most 10 bytes', 'a longer one');
  }
}

/** Longest text that is first tried as ASCII. */
const MAX_PLAIN = 256;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
