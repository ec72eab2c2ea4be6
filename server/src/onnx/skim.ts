/**
 * Reads an ONNX file except for its weights: raw data becomes a reference to the same bytes of the same file, as external data
 * is, so that a few pages of a 2 GB file are enough and no weight is in memory before it is needed.
 */
import type { FileHandle } from 'node:fs/promises';
import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { openToRead } from '../../../files/opened';
import { LensError } from '../errors';
import { decodeModel } from './decode';
import { checkExternal } from './external-data';
import type { Model } from './model';
import { isExternal } from './model';
import { WireType } from './protobuf-reader';
import { readModel } from './read';
import { EXTERNAL, entryFields, graphFields, modelFields, tensorFields } from './schema';

/** Smaller files are read whole: a few pages would be no faster. */
const WORTH_IT = 32 << 20;

/** Raw values of fewer bytes stay where they are: they may be shapes and axes. */
const LARGE = 1 << 16;

/** The most that may remain of a file without its large tensors. */
const MOST_REST = 256 << 20;

/** Bytes read at once. */
const PAGE = 1 << 16;

export interface Skimmed {
  readonly model: Model;
  /** Folder that its external data is relative to. */
  readonly folder: string;
}

/** @param least smallest file in bytes that is skimmed. @throws LensError of kind `model` as `readModel` does */
export async function skimModel(path: string, least = WORTH_IT): Promise<Skimmed> {
  const whole = async (): Promise<Skimmed> => ({ model: await readModel(path), folder: dirname(path) });
  // References name the file itself, not a link to it, whose folder is not that of the external data.
  const real = await realpath(path).catch(() => path);
  const rest = await restOf(real, least);
  if (rest === null) return whole();
  try {
    const model = decodeModel(rest, path);
    const data = [...model.graph.initializers.values()].map((tensor) => tensor.data).filter(isExternal);
    const own = data.every(({ location }) => location === basename(real));
    if (!own && dirname(real) !== dirname(path)) return await whole();
    for (const each of data)
      if (each.location !== basename(real)) await checkExternal(dirname(real), each, 'a tensor');
    return { model, folder: dirname(real) };
  } catch (thrown) {
    // Offsets in the error are those of the shortened file: reading the whole file gives the right ones.
    if (thrown instanceof LensError) return whole();
    throw thrown;
  }
}

/** The file's message with references; null for a small file, or one that is no such message. */
async function restOf(path: string, least: number): Promise<Uint8Array | null> {
  const file = await openToRead(path).catch(() => null);
  if (file === null) return null;
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.size < least) return null;
    const pages = new Pages(file, stats.size);
    return await shortened(pages, 0, stats.size, (field) => (field === modelFields.graph ? graph : null));
  } catch (thrown) {
    if (thrown instanceof OtherForm) return null;
    throw thrown;
  } finally {
    await file.close();
  }

  async function graph(pages: Pages, from: number, to: number): Promise<Uint8Array> {
    return shortened(pages, from, to, (field) => (field === graphFields.initializer ? tensor : null));
  }

  async function tensor(pages: Pages, from: number, to: number): Promise<Uint8Array> {
    if (to - from < LARGE) return pages.read(from, to);
    const parts: Uint8Array[] = [];
    for (let at = from; at < to;) {
      const field = await pages.field(at, to);
      const large = field.number === tensorFields.rawData && field.to - field.from >= LARGE;
      parts.push(large ? reference(path, field.from, field.to) : await pages.read(at, field.to));
      at = field.to;
    }
    return Buffer.concat(parts);
  }
}

/** Thrown where the bytes are not protobuf message, or too many are left. */
class OtherForm extends Error {}

type Shorten = (pages: Pages, from: number, to: number) => Promise<Uint8Array>;

/** A message with some of its fields shortened. */
async function shortened(
  pages: Pages,
  from: number,
  to: number,
  how: (field: number) => Shorten | null,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (let at = from; at < to;) {
    const field = await pages.field(at, to);
    const shorten = field.wire === WireType.bytes ? how(field.number) : null;
    const part =
      shorten === null
        ? await pages.read(at, field.to)
        : delimited(field.number, await shorten(pages, field.from, field.to));
    bytes += part.byteLength;
    if (bytes > MOST_REST) throw new OtherForm();
    parts.push(part);
    at = field.to;
  }
  return Buffer.concat(parts);
}

interface Field {
  readonly number: number;
  readonly wire: number;
  /** Of the payload; the whole field ends where it does. */
  readonly from: number;
  readonly to: number;
}

/** The file, a page at a time. */
class Pages {
  private page: Uint8Array = new Uint8Array();
  private start = 0;

  constructor(
    private readonly file: FileHandle,
    private readonly size: number,
  ) {}

  async field(at: number, end: number): Promise<Field> {
    const tag = await this.varint(at, end);
    const [number, wire] = [Math.floor(tag.value / 8), tag.value % 8];
    const until = (to: number): Field => {
      if (number === 0 || to > end) throw new OtherForm();
      return { number, wire, from: tag.next, to };
    };
    if (wire === WireType.varint) return until((await this.varint(tag.next, end)).next);
    if (wire === WireType.bit64) return until(tag.next + 8);
    if (wire === WireType.bit32) return until(tag.next + 4);
    if (wire !== WireType.bytes) throw new OtherForm();
    const length = await this.varint(tag.next, end);
    return { ...until(length.next + length.value), from: length.next };
  }

  async read(from: number, to: number): Promise<Uint8Array> {
    if (to - from > MOST_REST) throw new OtherForm();
    if (to - from <= PAGE / 2) {
      if (!this.holds(from, to)) await this.turn(from);
      return this.page.slice(from - this.start, to - this.start);
    }
    return this.load(from, to);
  }

  private holds(from: number, to: number): boolean {
    return from >= this.start && to <= this.start + this.page.byteLength;
  }

  /** Reads the page that begins here. */
  private async turn(from: number): Promise<void> {
    this.page = await this.load(from, Math.min(this.size, from + PAGE));
    this.start = from;
  }

  private async load(from: number, to: number): Promise<Uint8Array> {
    const bytes = Buffer.alloc(to - from);
    for (let done = 0; done < bytes.byteLength;) {
      const { bytesRead } = await this.file.read(bytes, done, bytes.byteLength - done, from + done);
      if (bytesRead === 0) throw new OtherForm();
      done += bytesRead;
    }
    return bytes;
  }

  private async varint(at: number, end: number): Promise<{ readonly value: number; readonly next: number }> {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = at + i < end ? await this.byte(at + i) : null;
      if (byte === null) throw new OtherForm();
      value += (byte & 127) * 2 ** (7 * i);
      if (byte < 128) return { value, next: at + i + 1 };
    }
    throw new OtherForm();
  }

  private async byte(at: number): Promise<number> {
    if (!this.holds(at, at + 1)) await this.turn(at);
    return this.page[at - this.start] as number;
  }
}

function varintBytes(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

const delimited = (field: number, bytes: Uint8Array): Uint8Array =>
  Buffer.concat([
    Buffer.from([...varintBytes(field * 8 + WireType.bytes), ...varintBytes(bytes.byteLength)]),
    bytes,
  ]);

/** External data of TensorProto: the bytes of this file from here to there. */
function reference(path: string, from: number, to: number): Uint8Array {
  const entry = (key: string, value: string): Uint8Array =>
    delimited(
      tensorFields.externalData,
      Buffer.concat([
        delimited(entryFields.key, Buffer.from(key)),
        delimited(entryFields.value, Buffer.from(value)),
      ]),
    );
  return Buffer.concat([
    entry('location', basename(path)),
    entry('offset', String(from)),
    entry('length', String(to - from)),
    Buffer.from([...varintBytes(tensorFields.dataLocation * 8 + WireType.varint), EXTERNAL]),
  ]);
}
