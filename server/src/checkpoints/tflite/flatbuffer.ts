/** Reads FlatBuffers tables with every offset checked against the file (binary layout of flatbuffers.dev "Internals"). */
import { CheckpointError, quoted } from '../error';

/** What is wrong with a `.tflite` file; `reason` completes "<file> is not a TensorFlow Lite model that can be used: ". */
export function tfliteError(file: string, reason: string, offset?: number): CheckpointError {
  return new CheckpointError({ file }, `is not a TensorFlow Lite model that can be used: ${reason}`, {
    fix: 'Download the file from its publisher again. Only float32 and float16 image models of a few operators are supported.',
    ...(offset === undefined ? {} : { offset }),
  });
}

/**
 * Vectors may be shared, so a small file can name the same long one many times over: each kind has a limit, checked
 * before anything is allocated.
 */
const MAX_TABLES = 1 << 16;
const MAX_TEXT_BYTES = 1 << 12;

/** The bytes of one FlatBuffer. All multi-byte values are little-endian. */
export class FlatBuffer {
  private readonly view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    readonly file: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The root table, after checking the four-letter identifier at byte 4. */
  root(identifier: string): Table {
    this.check(0, 8, 'the header');
    const found = String.fromCharCode(...this.bytes.subarray(4, 8));
    if (found !== identifier) {
      throw this.error(`the identifier should be "${identifier}", it is ${quoted(found)}`, 4);
    }
    return new Table(this, this.u32(0));
  }

  error(reason: string, offset?: number): CheckpointError {
    return tfliteError(this.file, reason, offset);
  }

  /** Throws unless `length` bytes at `offset` lie inside the file. */
  check(offset: number, length: number, what: string): void {
    if (offset < 0 || length < 0 || offset + length > this.bytes.byteLength) {
      throw this.error(
        `${what} of ${length} bytes lies outside the file, which has ${this.bytes.byteLength}`,
        offset,
      );
    }
  }

  u8(offset: number): number {
    this.check(offset, 1, 'a byte');
    return this.view.getUint8(offset);
  }

  u16(offset: number): number {
    this.check(offset, 2, 'a 16-bit number');
    return this.view.getUint16(offset, true);
  }

  u32(offset: number): number {
    this.check(offset, 4, 'a 32-bit number');
    return this.view.getUint32(offset, true);
  }

  i32(offset: number): number {
    this.check(offset, 4, 'a 32-bit number');
    return this.view.getInt32(offset, true);
  }
}

/** A table: fields are found through its vtable, by the position they have in the schema (0, 1, 2, ...). */
export class Table {
  private readonly vtable: number;
  private readonly vtableBytes: number;

  constructor(
    private readonly buffer: FlatBuffer,
    private readonly at: number,
  ) {
    this.vtable = at - buffer.i32(at);
    this.vtableBytes = buffer.u16(this.vtable);
    buffer.check(this.vtable, this.vtableBytes, 'a vtable');
  }

  byte(field: number, otherwise: number): number {
    const at = this.field(field);
    return at === null ? otherwise : this.buffer.u8(at);
  }

  int32(field: number, otherwise: number): number {
    const at = this.field(field);
    return at === null ? otherwise : this.buffer.i32(at);
  }

  uint32(field: number, otherwise: number): number {
    const at = this.field(field);
    return at === null ? otherwise : this.buffer.u32(at);
  }

  /** UTF-8 text; '' when absent. */
  string(field: number): string {
    return new TextDecoder().decode(this.bytes(field, MAX_TEXT_BYTES));
  }

  /** A vector of bytes as a view into the file; empty when absent. */
  bytes(field: number, most = Number.POSITIVE_INFINITY): Uint8Array {
    const vector = this.vector(field, 1, most);
    return vector === null
      ? new Uint8Array()
      : this.buffer.bytes.subarray(vector.start, vector.start + vector.length);
  }

  /** At most `most` numbers. */
  int32s(field: number, most: number): readonly number[] {
    const vector = this.vector(field, 4, most);
    if (vector === null) return [];
    return Array.from({ length: vector.length }, (_, i) => this.buffer.i32(vector.start + 4 * i));
  }

  table(field: number): Table | null {
    const at = this.field(field);
    return at === null ? null : new Table(this.buffer, at + this.buffer.u32(at));
  }

  tables(field: number): readonly Table[] {
    const vector = this.vector(field, 4, MAX_TABLES);
    if (vector === null) return [];
    return Array.from({ length: vector.length }, (_, i) => {
      const at = vector.start + 4 * i;
      return new Table(this.buffer, at + this.buffer.u32(at));
    });
  }

  /** Byte offset of a field's value, or null when the table leaves it at its default. */
  private field(field: number): number | null {
    const slot = 4 + 2 * field;
    if (slot + 2 > this.vtableBytes) return null;
    const offset = this.buffer.u16(this.vtable + slot);
    return offset === 0 ? null : this.at + offset;
  }

  private vector(field: number, bytesEach: number, most: number): { start: number; length: number } | null {
    const at = this.field(field);
    if (at === null) return null;
    const vector = at + this.buffer.u32(at);
    const length = this.buffer.u32(vector);
    if (length > most)
      throw this.buffer.error(`a vector claims ${length} elements, more than ${most}`, vector);
    this.buffer.check(vector + 4, length * bytesEach, 'a vector');
    return { start: vector + 4, length };
  }
}
