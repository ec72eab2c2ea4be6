/** Reads the metadata of an ONNX file without its graph: walks the outermost fields and skips long ones. */
import { resolve } from 'node:path';
import { withFileAt, type OpenFile } from '../../../files/regular-file';
import { readEntry } from './decode-tensor';
import { MessageReader, Source } from './protobuf-reader';
import { modelFields } from './schema';

/** Most fields of a file's outermost message: a graph, some ten others, metadata entries and local functions. */
const MOST_FIELDS = 10_000;
/** Most bytes of all entries. */
const MOST_BYTES = 1_000_000;
/** Most bytes of a field's tag and length, two varints. */
const HEAD = 20;

/**
 * Reading stops at the first fault, which is reported when the file is loaded.
 * @returns empty if the file cannot be read, or is not an ONNX file
 */
export async function metadataOf(path: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  await withFileAt(resolve(path), Infinity, (file) => walk(file, path, found)).catch(() => undefined);
  return found;
}

async function walk(file: OpenFile, path: string, found: Map<string, string>): Promise<void> {
  let room = MOST_BYTES;
  for (let at = 0, field = 0; at < file.bytes && field < MOST_FIELDS; field++) {
    const head = await file.read(at, Math.min(HEAD, file.bytes - at));
    const [tag, tagBytes] = varint(head, 0);
    if (tag === null) return;
    const [value, valueBytes] = varint(head, tagBytes);
    const kind = tag % 8;
    if (kind === 0 && value !== null) at += tagBytes + valueBytes;
    else if (kind === 1) at += tagBytes + 8;
    else if (kind === 5) at += tagBytes + 4;
    else if (kind === 2 && value !== null) {
      const start = at + tagBytes + valueBytes;
      if (Math.floor(tag / 8) === modelFields.metadata && value <= room) {
        if (start + value > file.bytes) return;
        room -= value;
        const source = new Source(new Uint8Array(await file.read(start, value)), path);
        found.set(...readEntry(new MessageReader(source, 0, value)));
      }
      at = start + value;
    } else return;
  }
}

/** Null if it does not end within the bytes that were read, or is not a safe integer. */
function varint(bytes: Buffer, from: number): readonly [value: number | null, bytes: number] {
  let value = 0;
  for (let i = from, factor = 1; i < bytes.length && i < from + 8; i++, factor *= 128) {
    const byte = bytes[i] ?? 0;
    value += (byte & 127) * factor;
    if (byte < 128) return [Number.isSafeInteger(value) ? value : null, i - from + 1];
  }
  return [null, 0];
}
