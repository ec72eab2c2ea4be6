/** The pixel kernels of server/wasm/ and their memory: whatever is done to every pixel, in lanes of 128 bits. */

const PAGE = 65536;

/** Memory doubles when it grows, but by no more than this many bytes. */
const MOST = 1 << 24;

/** Kernels work on whole vectors, and may access this many bytes beyond the end. */
const SPILL = 64;

/** A pointer into the kernels' memory. */
type Pointer = number;

/** Of a WebAssembly instance. */
interface KernelMemory {
  readonly buffer: ArrayBuffer;
  /** @param pages of 64 KiB. @throws where there is no more */
  grow(pages: number): number;
}

/** As server/wasm/index.ts exports them; described there. */
export interface KernelExports {
  readonly memory: KernelMemory;
  heap(): Pointer;
  blocks(
    source: Pointer,
    outputs: Pointer,
    outputCount: number,
    inputs: Pointer,
    inputCount: number,
    taps: Pointer,
    tapCount: number,
    block: number,
    out: Pointer,
  ): void;
  rectify(values: Pointer, count: number): void;
  extremes(values: Pointer, count: number, out: Pointer): number;
  moments(values: Pointer, count: number, origin: number, out: Pointer): void;
  eights(values: Pointer, width: number, height: number, offset: number, divisor: number, out: Pointer): void;
  columns(
    source: Pointer,
    width: number,
    height: number,
    indices: Pointer,
    weights: Pointer,
    span: number,
    length: number,
    out: Pointer,
  ): void;
  rows(
    source: Pointer,
    stride: number,
    indices: Pointer,
    weights: Pointer,
    span: number,
    width: number,
    height: number,
    out: Pointer,
    range: Pointer,
  ): void;
  activation(
    map: Pointer,
    width: number,
    height: number,
    min: number,
    scale: number,
    above: Pointer,
    out: Pointer,
  ): void;
  overlay(
    map: Pointer,
    width: number,
    height: number,
    min: number,
    scale: number,
    picture: Pointer,
    colors: Pointer,
    line: Pointer,
    above: Pointer,
    out: Pointer,
  ): void;
  colored(map: Pointer, count: number, min: number, scale: number, colors: Pointer, out: Pointer): void;
  blended(
    map: Pointer,
    count: number,
    min: number,
    scale: number,
    picture: Pointer,
    colors: Pointer,
    out: Pointer,
  ): void;
  filterBytes(pixels: Pointer, width: number, height: number, above: Pointer, out: Pointer): void;
  filterRgb(pixels: Pointer, width: number, height: number, above: Pointer, out: Pointer): void;
  grayColumns(
    rgb: Pointer,
    width: number,
    height: number,
    firsts: Pointer,
    weights: Pointer,
    span: number,
    length: number,
    bits: number,
    line: Pointer,
    out: Pointer,
  ): void;
  levelColumns(
    source: Pointer,
    width: number,
    height: number,
    firsts: Pointer,
    counts: Pointer,
    weights: Pointer,
    span: number,
    bits: number,
    length: number,
    out: Pointer,
  ): void;
  levelRows(
    source: Pointer,
    first: number,
    stride: number,
    firsts: Pointer,
    counts: Pointer,
    weights: Pointer,
    span: number,
    bits: number,
    from: number,
    to: number,
    out: Pointer,
  ): void;
  adler32(data: Pointer, length: number): number;
  count(data: Pointer, length: number, piece: number, step: number, tables: Pointer, counts: Pointer): void;
  pairCodes(codes: Pointer, powers: Pointer, pairs: Pointer): void;
  literals(data: Pointer, length: number, codes: Pointer, pairs: Pointer, out: Pointer, bit: number): number;
}

/** The kernels, and the buffers that they work on, all in one WebAssembly memory. */
export class PixelKernels {
  readonly run: Omit<KernelExports, 'memory' | 'heap'>;
  private readonly memory: KernelMemory;
  private top: Pointer;

  /** @param noMemory makes the error where memory cannot grow: what it needs and what it has, in megabytes */
  constructor(
    exports: KernelExports,
    private readonly noMemory: (needs: string, has: string) => Error,
  ) {
    this.run = exports;
    this.memory = exports.memory;
    this.top = exports.heap();
  }

  /** A buffer of at least this many bytes, plus what kernels may access beyond its end. */
  room(bytes: number): Room {
    return new Room(this, bytes);
  }

  get buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  /** @throws what `noMemory` makes where memory is exhausted: WebAssembly addresses 4 GiB */
  allocate(bytes: number): Pointer {
    const at = this.top;
    const end = at + Math.ceil((bytes + SPILL) / 16) * 16;
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) this.grow(Math.ceil(missing / PAGE), bytes);
    this.top = end;
    return at;
  }

  /** Buffers that `work` makes are freed when it returns; buffers from before must not grow within it. */
  within<T>(work: () => T): T {
    const { top } = this;
    try {
      return work();
    } finally {
      this.top = top;
    }
  }

  private grow(pages: number, bytes: number): void {
    // At least doubled, so that it seldom grows; pages that nobody touches take no memory.
    const held = this.memory.buffer.byteLength / PAGE;
    try {
      this.memory.grow(Math.max(pages, Math.min(held, MOST / PAGE)));
    } catch {
      const [has = '', more = ''] = [this.memory.buffer.byteLength, bytes].map((n) => (n / 1e6).toFixed(1));
      throw this.noMemory(more, has);
    }
  }
}

/**
 * A part of the kernels' memory. It moves when it has to grow, which loses its contents; a view of it is
 * valid until any buffer in the same memory grows.
 */
export class Room {
  private pointer: Pointer = 0;
  private size = 0;

  constructor(
    private readonly kernels: PixelKernels,
    bytes: number,
  ) {
    this.fit(bytes);
  }

  /** Its pointer, once it has grown to hold at least this many bytes. */
  fit(bytes: number): Pointer {
    if (bytes > this.size) {
      // The memory that it leaves is lost: growing by at least half bounds that by the final size.
      const size = Math.max(bytes, Math.ceil(1.5 * this.size));
      this.pointer = this.kernels.allocate(size);
      this.size = size;
    }
    return this.pointer;
  }

  /** Its pointer. @throws RangeError if it holds fewer bytes than this: kernels read what was written before */
  at(bytes: number): Pointer {
    if (bytes <= this.size) return this.pointer;
    throw new RangeError(`${bytes} bytes are wanted of a room that holds ${this.size}.`);
  }

  bytes(length: number): Uint8Array {
    const at = this.fit(length);
    return new Uint8Array(this.kernels.buffer, at, length);
  }

  int32(length: number): Int32Array {
    const at = this.fit(4 * length);
    return new Int32Array(this.kernels.buffer, at, length);
  }

  float32(length: number): Float32Array {
    const at = this.fit(4 * length);
    return new Float32Array(this.kernels.buffer, at, length);
  }

  float64(length: number): Float64Array {
    const at = this.fit(8 * length);
    return new Float64Array(this.kernels.buffer, at, length);
  }
}
