/** The metadata of an ONNX file without its graph: the outermost fields are walked, and what is long is passed over unread. */
import { open, type FileHandle } from 'node:fs/promises';
import { readEntry } from './decode-tensor';
import { MessageReader, Source } from './protobuf-reader';
import { modelFields } from './schema';

/** Fields of a file's outermost message: a graph, some ten others, and entries of metadata and local functions. */
const MOST_FIELDS = 10_000;
/** Bytes of all entries. */
const MOST_BYTES = 1_000_000;
/** A field's tag and its length: two varints. */
const HEAD = 20;

/**
 * What is wrong with the file is said when it is loaded: here reading ends there.
 * @returns empty where the file cannot be read, or is no ONNX file
 */
export async function metadataOf(path: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  let file: FileHandle | null = null;
  try {
    file = await open(path, 'r');
    if ((await file.stat()).isFile()) await walk(file, path, found);
  } catch {
    // Reported where it is loaded.
  } finally {
    await file?.close();
  }
  return found;
}

async function walk(file: FileHandle, path: string, found: Map<string, string>): Promise<void> {
  const head = Buffer.alloc(HEAD);
  let room = MOST_BYTES;
  for (let at = 0, field = 0; field < MOST_FIELDS; field++) {
    const { bytesRead } = await file.read(head, 0, HEAD, at);
    const [tag, tagBytes] = varint(head, 0, bytesRead);
    if (tag === null) return;
    const [value, valueBytes] = varint(head, tagBytes, bytesRead);
    const kind = tag % 8;
    if (kind === 0 && value !== null) at += tagBytes + valueBytes;
    else if (kind === 1) at += tagBytes + 8;
    else if (kind === 5) at += tagBytes + 4;
    else if (kind === 2 && value !== null) {
      const start = at + tagBytes + valueBytes;
      if (Math.floor(tag / 8) === modelFields.metadata && value <= room) {
        room -= value;
        const bytes = Buffer.alloc(value);
        if ((await file.read(bytes, 0, value, start)).bytesRead < value) return;
        const source = new Source(new Uint8Array(bytes), path);
        found.set(...readEntry(new MessageReader(source, 0, value)));
      }
      at = start + value;
    } else return;
  }
}

/** Null where it does not end within the bytes that were read, or is no safe integer. */
function varint(bytes: Buffer, from: number, end: number): readonly [value: number | null, bytes: number] {
  let value = 0;
  for (let i = from, factor = 1; i < end && i < from + 8; i++, factor *= 128) {
    const byte = bytes[i] ?? 0;
    value += (byte & 127) * factor;
    if (byte < 128) return [Number.isSafeInteger(value) ? value : null, i - from + 1];
  }
  return [null, 0];
}
