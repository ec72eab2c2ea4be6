/** Tensor data outside the model file: only from below the model's folder, read by offset, never as a whole. */
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { resolvedIn } from '../../../files/inside';
import { openBelow } from '../../../files/opened';
import { LensError } from '../errors';
import type { ExternalData } from './model';

/** One read call moves at most this much; the operating system limits it to just under 2 GiB. */
const READ_BYTES = 64 * 1024 * 1024;

/**
 * A location that stays below the model's folder on every platform, with `/` between its parts.
 * @throws LensError 'model' for absolute paths, drive letters, `..`, empty parts and NUL.
 */
export function checkLocation(location: string, what: string, file: string): string {
  const parts = location.split(/[/\\]/).filter((part) => part !== '.');
  const plain = parts.every((part) => part !== '' && part !== '..' && !part.includes('\0'));
  if (parts.length === 0 || !plain || /^[A-Za-z]:/.test(location)) {
    throw refusedLocation(file, what, JSON.stringify(location));
  }
  return parts.join('/');
}

/** Opens the file that a location refers to after following links, and only if what is then open lies below `folder`. */
export async function openExternal(folder: string, location: string, what: string): Promise<FileHandle> {
  const path = join(folder, ...checkLocation(location, what, folder).split('/'));
  const place = await resolvedIn(folder, path);
  if (!place.isBelow || place.path === place.root)
    throw refusedLocation(path, what, `a link to ${place.path}`);
  const opened = await openBelow(place);
  if (opened === null) throw refusedLocation(path, what, 'a link that was replaced');
  return opened;
}

/**
 * Runs `use` on the opened data file after checking that it is a regular file that holds all of `external`.
 * @param what names the tensor in errors, for example `tensor "conv.weight"`
 * @throws LensError 'model' naming the file, the tensor and what is wrong.
 */
async function withExternal<T>(
  folder: string,
  external: ExternalData,
  what: string,
  use: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const path = join(folder, external.location);
  let file: FileHandle | undefined;
  try {
    file = await openExternal(folder, external.location, what);
    const stats = await file.stat();
    if (!stats.isFile()) throw problem(path, what, 'a regular file', 'something else');
    const end = external.offset + external.length;
    if (end > stats.size) throw problem(path, what, `at least ${end} bytes`, `${stats.size}`);
    return await use(file);
  } catch (thrown) {
    if (thrown instanceof LensError) throw thrown;
    throw problem(path, what, 'a readable file', (thrown as Error).message, thrown);
  } finally {
    await file?.close();
  }
}

/** Checks that the data can be read, without reading it. */
export async function checkExternal(folder: string, external: ExternalData, what: string): Promise<void> {
  await withExternal(folder, external, what, () => Promise.resolve());
}

/** Reads the tensor's data into new memory. */
export async function readExternal(
  folder: string,
  external: ExternalData,
  what: string,
): Promise<Uint8Array> {
  const stored = await withExternal(folder, external, what, (file) =>
    readRange(file, external.offset, external.length, join(folder, external.location)),
  );
  return external.as === undefined ? stored : external.as(stored);
}

/** Reads exactly `length` bytes from `offset`, in pieces. @throws LensError 'model' if the file ends earlier. */
export async function readRange(
  file: FileHandle,
  offset: number,
  length: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = allocateBytes(length, path);
  for (let done = 0; done < length;) {
    const wanted = Math.min(READ_BYTES, length - done);
    const { bytesRead } = await file.read(bytes, done, wanted, offset + done);
    if (bytesRead === 0) {
      throw new LensError(
        'model',
        `${path}: expected ${length} bytes from byte ${offset}, found ${done}: the file became shorter while it was read.`,
        { fix: 'Wait until nothing is writing to the file, then try again.' },
      );
    }
    done += bytesRead;
  }
  return bytes;
}

function allocateBytes(length: number, path: string): Uint8Array<ArrayBuffer> {
  try {
    const memory = Buffer.allocUnsafeSlow(length);
    return new Uint8Array(memory.buffer, memory.byteOffset, length);
  } catch (thrown) {
    throw new LensError('model', `${path}: ${length} bytes do not fit into memory.`, {
      fix: 'Close other programs; a smaller model needs less.',
      remedies: ['choose-weights'],
      cause: thrown,
    });
  }
}

function problem(path: string, what: string, expected: string, found: string, cause?: unknown): LensError {
  return new LensError(
    'model',
    `${path}: expected ${expected} with the external data of ${what}, found ${found}.`,
    {
      fix: 'Keep the data files that were exported with the model in its folder, complete and unchanged.',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function refusedLocation(file: string, what: string, found: string): LensError {
  return new LensError(
    'model',
    `${file}: expected the external data of ${what} in a file below the model's folder, found ${found}.`,
    {
      fix: 'Put the data file beside the model and export it with a plain relative location. Paths that leave the folder are refused because a model could read any file through them.',
    },
  );
}
