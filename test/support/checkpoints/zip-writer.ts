/** Writes zip files for tests and benchmarks, good ones by default and broken ones on request. */
import { deflateRawSync } from 'node:zlib';
import { crc32 } from 'node:zlib';

/** Where the bytes go, in order. */
export interface Sink {
  write(bytes: Uint8Array): void;
  /** Moves on without writing: zeros, and no disk space where the file system can do that. */
  skip(length: number): void;
}

export interface MemberOptions {
  readonly deflate?: boolean;
  /** What the directory claims, where that is not the truth. */
  readonly crc?: number;
  readonly size?: number;
  readonly compressedSize?: number;
  readonly headerOffset?: number;
  readonly method?: number;
  readonly flags?: number;
  /** Unix file mode, such as 0o120777 for a symbolic link. */
  readonly mode?: number;
  /** The name in the local header, where it is not the directory's. */
  readonly localName?: string;
}

interface Written extends MemberOptions {
  readonly name: Buffer;
  readonly crc: number;
  readonly size: number;
  readonly compressedSize: number;
  readonly headerOffset: number;
}

/** A sink that keeps everything in memory. */
export class BufferSink implements Sink {
  private readonly parts: Uint8Array[] = [];

  write(bytes: Uint8Array): void {
    this.parts.push(bytes.slice());
  }

  skip(length: number): void {
    this.parts.push(new Uint8Array(length));
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}

/** Members are written as they are added; `finish` writes the directory. Always with zip64 records, as PyTorch does. */
export class ZipWriter {
  private position = 0;
  private readonly members: Written[] = [];

  constructor(private readonly sink: Sink) {}

  add(name: string | Buffer, data: Uint8Array, options: MemberOptions = {}): void {
    const stored = options.deflate === true ? deflateRawSync(data) : data;
    this.begin(name, { crc: crc32(data, 0), size: data.length, compressedSize: stored.length }, options);
    this.write(stored);
  }

  /** A stored member from pieces, which need not be in memory together. Without a CRC, as PyTorch can be told to. */
  addStream(name: string, size: number, pieces: Iterable<Uint8Array>): void {
    this.begin(name, { crc: 0, size, compressedSize: size }, {});
    for (const piece of pieces) this.write(piece);
  }

  /** A stored member of zeros that takes no disk space. */
  addHole(name: string, size: number): void {
    this.begin(name, { crc: 0, size, compressedSize: size }, {});
    this.sink.skip(size);
    this.position += size;
  }

  finish(comment = ''): void {
    const start = this.position;
    for (const member of this.members) this.write(directoryEntry(member));
    const count = this.members.length;
    const size = this.position - start;
    const wide = Buffer.alloc(76);
    const wideStart = this.position;
    wide.writeUInt32LE(0x06064b50, 0);
    wide.writeBigUInt64LE(44n, 4);
    wide.writeBigUInt64LE(BigInt(count), 24);
    wide.writeBigUInt64LE(BigInt(count), 32);
    wide.writeBigUInt64LE(BigInt(size), 40);
    wide.writeBigUInt64LE(BigInt(start), 48);
    wide.writeUInt32LE(0x07064b50, 56);
    wide.writeBigUInt64LE(BigInt(wideStart), 64);
    wide.writeUInt32LE(1, 72);
    this.write(wide);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(Math.min(count, 0xffff), 8);
    end.writeUInt16LE(Math.min(count, 0xffff), 10);
    end.writeUInt32LE(Math.min(size, 0xffffffff), 12);
    end.writeUInt32LE(Math.min(start, 0xffffffff), 16);
    end.writeUInt16LE(Buffer.byteLength(comment), 20);
    this.write(end);
    this.write(Buffer.from(comment));
  }

  private begin(
    name: string | Buffer,
    truth: { crc: number; size: number; compressedSize: number },
    options: MemberOptions,
  ): void {
    const member = { headerOffset: this.position, ...truth, ...options, name: Buffer.from(name) };
    this.members.push(member);
    const local = Buffer.alloc(30);
    const localName = Buffer.from(options.localName ?? name);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(options.method ?? (options.deflate === true ? 8 : 0), 8);
    local.writeUInt32LE(truth.crc, 14);
    local.writeUInt32LE(Math.min(truth.compressedSize, 0xffffffff), 18);
    local.writeUInt32LE(Math.min(truth.size, 0xffffffff), 22);
    local.writeUInt16LE(localName.length, 26);
    this.write(local);
    this.write(localName);
  }

  private write(bytes: Uint8Array): void {
    this.sink.write(bytes);
    this.position += bytes.length;
  }
}

function directoryEntry(member: Written): Buffer {
  const narrow = (value: number): number => (value >= 0xffffffff ? 0xffffffff : value);
  const wide = [member.size, member.compressedSize, member.headerOffset].filter((v) => v >= 0xffffffff);
  const extra = Buffer.alloc(wide.length === 0 ? 0 : 4 + 8 * wide.length);
  if (wide.length > 0) {
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(8 * wide.length, 2);
    wide.forEach((value, i) => extra.writeBigUInt64LE(BigInt(value), 4 + 8 * i));
  }
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(member.mode === undefined ? 0 : 0x0314, 4);
  entry.writeUInt16LE(member.flags ?? 0, 8);
  entry.writeUInt16LE(member.method ?? (member.deflate === true ? 8 : 0), 10);
  entry.writeUInt32LE(member.crc, 16);
  entry.writeUInt32LE(narrow(member.compressedSize), 20);
  entry.writeUInt32LE(narrow(member.size), 24);
  entry.writeUInt16LE(member.name.length, 28);
  entry.writeUInt16LE(extra.length, 30);
  entry.writeUInt32LE(((member.mode ?? 0) << 16) >>> 0, 38);
  entry.writeUInt32LE(narrow(member.headerOffset), 42);
  return Buffer.concat([entry, member.name, extra]);
}

/** A whole zip in memory. */
export function zipOf(
  members: readonly (readonly [name: string | Buffer, data: Uint8Array, options?: MemberOptions])[],
): Buffer {
  const sink = new BufferSink();
  const writer = new ZipWriter(sink);
  for (const [name, data, options] of members) writer.add(name, data, options);
  writer.finish();
  return sink.bytes();
}
