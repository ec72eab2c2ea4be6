/** What is held of every row of a set until its end, in typed arrays: an object for each row takes hundreds of bytes, and these tens. */

const FIRST = 1024;

/** A list of numbers of one type. */
class Numbers<A extends Float64Array | Int32Array | Uint32Array> {
  length = 0;
  private values: A;

  constructor(private readonly make: (length: number) => A) {
    this.values = make(FIRST);
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const more = this.make(2 * this.length);
      more.set(this.values);
      this.values = more;
    }
    this.values[this.length++] = value;
  }

  /** NaN outside. */
  at(index: number): number {
    return index < this.length ? (this.values[index] as number) : NaN;
  }
}

export const integers = (): Numbers<Uint32Array> => new Numbers((length) => new Uint32Array(length));
export const reals = (): Numbers<Float64Array> => new Numbers((length) => new Float64Array(length));

/** Of a block of a matrix, in values. */
const MATRIX_BLOCK = 1 << 16;

/** Rows of equal length. Blocks, as doubling would hold a large matrix three times while it is copied. */
export class Matrix {
  length = 0;
  private readonly blocks: Float64Array[] = [];
  private readonly height: number;

  constructor(readonly columns: number) {
    this.height = Math.max(1, Math.floor(MATRIX_BLOCK / Math.max(1, columns)));
  }

  push(values: readonly number[]): void {
    const { columns, height } = this;
    if (this.length % height === 0) this.blocks.push(new Float64Array(height * columns));
    this.blocks.at(-1)?.set(values, (this.length % height) * columns);
    this.length += 1;
  }

  row(index: number): Float64Array {
    const { columns, height } = this;
    if (!(index < this.length)) return new Float64Array();
    const at = (index % height) * columns;
    return this.blocks[Math.floor(index / height)]?.subarray(at, at + columns) ?? new Float64Array();
  }

  column(index: number): Float64Array {
    const { columns, height } = this;
    const found = new Float64Array(this.length);
    for (let row = 0; row < this.length; row++)
      found[row] = this.blocks[Math.floor(row / height)]?.[(row % height) * columns + index] ?? NaN;
    return found;
  }

  clear(): void {
    this.blocks.length = 0;
    this.length = 0;
  }
}

/** Of a block of names, in bytes. */
const NAMES_BLOCK = 1 << 18;
/** UTF-8 would replace it. */
const HALF_PAIR = /\p{Surrogate}/u;

/** Texts as bytes, by number: 12 bytes and their UTF-8 each. */
export class Names {
  private readonly blocks: Buffer[] = [];
  private readonly starts = reals();
  /** Negative of those in UTF-16. */
  private readonly lengths = new Numbers((length) => new Int32Array(length));
  private used = NAMES_BLOCK;
  private last: string | null = null;

  /** @returns its number; the same for a name that is added twice in turn, as several may note the same row */
  add(name: string): number {
    if (name === this.last) return this.starts.length - 1;
    this.last = name;
    const isHalf = HALF_PAIR.test(name);
    const bytes = Buffer.from(name, isHalf ? 'utf16le' : 'utf8');
    if (this.used + bytes.length > NAMES_BLOCK) {
      this.blocks.push(Buffer.alloc(Math.max(NAMES_BLOCK, bytes.length)));
      this.used = 0;
    }
    this.starts.push((this.blocks.length - 1) * NAMES_BLOCK + this.used);
    this.blocks.at(-1)?.set(bytes, this.used);
    this.used += bytes.length;
    this.lengths.push(isHalf ? -bytes.length : bytes.length);
    return this.starts.length - 1;
  }

  /** Empty if there is none. */
  at(number: number): string {
    const [start, length] = [this.starts.at(number), this.lengths.at(number)];
    const from = start % NAMES_BLOCK;
    const bytes = this.blocks[Math.floor(start / NAMES_BLOCK)]?.subarray(from, from + Math.abs(length));
    return bytes?.toString(length < 0 ? 'utf16le' : 'utf8') ?? '';
  }
}
