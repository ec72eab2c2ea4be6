/** A zip file opened for reading: its members as byte sources, each checked against its CRC before a byte is handed out. */
import { crc32 } from 'node:zlib';
import { CheckpointError } from '../error';
import { ByteSource, RangeSource } from '../file';
import { readDirectory } from './directory';
import type { ZipEntry } from './directory';
import { inflatedChunks } from './inflate';

/** Members up to this size are read once, checked and kept while they are the one being read. */
const heldBytes = 8 << 20;
const sliceBytes = 1 << 20;

export class ZipArchive {
  private readonly verified = new Set<ZipEntry>();
  private held: { readonly entry: ZipEntry; readonly bytes: Buffer } | null = null;

  private constructor(
    private readonly source: ByteSource,
    readonly entries: ReadonlyMap<string, ZipEntry>,
  ) {}

  /** Reads and checks the directory; throws a CheckpointError. */
  static async open(source: ByteSource): Promise<ZipArchive> {
    return new ZipArchive(source, await readDirectory(source));
  }

  /** The member's uncompressed bytes. Of deflated ones, reads should ascend: going back starts over. */
  async member(entry: ZipEntry): Promise<ByteSource> {
    const raw = await this.rawBytes(entry);
    const stored: ByteSource = entry.deflated ? new InflateSource(raw, entry) : raw;
    return new VerifiedSource(stored, entry, () => this.heldOrVerified(stored, entry));
  }

  /** The small member's bytes, or null once a large one's CRC has been found right. */
  private async heldOrVerified(stored: ByteSource, entry: ZipEntry): Promise<Buffer | null> {
    if (this.held?.entry === entry) return this.held.bytes;
    if (entry.size <= heldBytes) {
      const bytes = await stored.read(0, entry.size);
      if (!this.verified.has(entry)) checkCrc(stored, entry, crc32(bytes, 0));
      this.verified.add(entry);
      this.held = { entry, bytes };
      return bytes;
    }
    if (!this.verified.has(entry)) {
      const slice = Buffer.alloc(sliceBytes);
      let crc = 0;
      for (let at = 0; at < entry.size; at += sliceBytes) {
        const part = slice.subarray(0, Math.min(sliceBytes, entry.size - at));
        await stored.readInto(at, part);
        crc = crc32(part, crc);
      }
      checkCrc(stored, entry, crc);
      this.verified.add(entry);
    }
    return null;
  }

  /** The member as stored in the file, found through its local header (APPNOTE 4.3.7). */
  private async rawBytes(entry: ZipEntry): Promise<RangeSource> {
    const { where } = this.source;
    const bad = (reason: string): CheckpointError =>
      new CheckpointError({ ...where, member: entry.name }, reason, { offset: entry.headerOffset });
    const header = await this.source.read(entry.headerOffset, 30);
    if (header.readUInt32LE(0) !== 0x04034b50) throw bad('has no member where its directory says');
    const nameLength = header.readUInt16LE(26);
    const start = entry.headerOffset + 30 + nameLength + header.readUInt16LE(28);
    if (start + entry.compressedSize > entry.limit) throw bad('has a member that runs into the next one');
    const name = await this.source.read(entry.headerOffset + 30, nameLength);
    const method = header.readUInt16LE(8);
    if (!name.equals(Buffer.from(entry.name)) || method !== (entry.deflated ? 8 : 0)) {
      throw bad('has a member that its directory describes differently');
    }
    return new RangeSource(this.source, start, entry.compressedSize, { ...where, member: entry.name });
  }
}

function checkCrc(source: ByteSource, entry: ZipEntry, found: number): void {
  // PyTorch writes 0 instead of a checksum after torch.serialization.set_crc32_options(False).
  if (entry.crc32 === 0 || found === entry.crc32) return;
  throw new CheckpointError(
    source.where,
    `has a member whose CRC-32 is ${hex(found)}; its directory says ${hex(entry.crc32)}`,
    { offset: 0, fix: 'The file is damaged. Download or copy it again.' },
  );
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}

/** Hands out nothing before `verify` has succeeded. */
class VerifiedSource extends ByteSource {
  constructor(
    private readonly stored: ByteSource,
    entry: ZipEntry,
    private readonly verify: () => Promise<Buffer | null>,
  ) {
    super();
    this.size = entry.size;
    this.where = stored.where;
  }

  readonly size: number;
  readonly where;

  protected async fill(offset: number, target: Uint8Array): Promise<void> {
    const held = await this.verify();
    if (held) target.set(held.subarray(offset, offset + target.length));
    else await this.stored.readInto(offset, target);
  }

  override close(): Promise<void> {
    return this.stored.close();
  }
}

/** The uncompressed bytes of a deflated member, inflated from its start as far as they are requested. */
class InflateSource extends ByteSource {
  readonly size: number;
  readonly where;
  private chunks: AsyncGenerator<Buffer, void> | null = null;
  private chunk: Buffer = Buffer.alloc(0);
  /** Position of the first byte of `chunk`. */
  private position = 0;

  constructor(
    private readonly compressed: ByteSource,
    entry: ZipEntry,
  ) {
    super();
    this.size = entry.size;
    this.where = compressed.where;
  }

  protected async fill(offset: number, target: Uint8Array): Promise<void> {
    if (!this.chunks || offset < this.position) await this.restart();
    let done = 0;
    while (done < target.length) {
      const within = offset + done - this.position;
      if (within < this.chunk.length) {
        const part = this.chunk.subarray(within, within + target.length - done);
        target.set(part, done);
        done += part.length;
      } else {
        await this.next();
      }
    }
  }

  private async restart(): Promise<void> {
    await this.close();
    this.chunks = inflatedChunks(this.compressed, this.size);
    this.chunk = Buffer.alloc(0);
    this.position = 0;
  }

  private async next(): Promise<void> {
    this.position += this.chunk.length;
    const result = await this.chunks?.next();
    if (!result || result.done === true) {
      throw new CheckpointError(
        this.where,
        `has a deflated member that inflates to ${this.position} bytes; its directory says ${this.size}`,
        { offset: this.position },
      );
    }
    this.chunk = result.value;
  }

  override async close(): Promise<void> {
    await this.chunks?.return();
    this.chunks = null;
  }
}
