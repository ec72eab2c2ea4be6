/**
 * Reads files whose names came from outside: regular files only, that lie below a folder once they are open, of a size that is known
 * before a byte is read. Nothing here blocks: a pipe without a writer, an endless device and a link to either are refused.
 */
import type { Stats } from 'node:fs';
import { lstat, realpath, type FileHandle } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { isInside, resolvedIn, type Resolved } from './inside';
import { openBelow, openResolved } from './opened';

/** Why a file is not read, to end a sentence that begins with its name: "found a named pipe". */
export class FileRefusal extends Error {
  override readonly name = 'FileRefusal';

  /** @param missing whether nothing is there, as opposed to something that may not be read */
  constructor(
    message: string,
    readonly missing = false,
  ) {
    super(message);
  }
}

/** Names what something is that is not a regular file. */
function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  if (stats.isSymbolicLink()) return 'a link';
  return stats.isCharacterDevice() || stats.isBlockDevice() ? 'a device' : 'something that is not a file';
}

/** @throws FileRefusal */
async function located<T>(look: Promise<T>): Promise<T> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof FileRefusal) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new FileRefusal('found no file there', true);
    if (code === 'ELOOP') throw new FileRefusal('found a link that leads nowhere');
    if (code === 'EACCES' || code === 'EPERM')
      throw new FileRefusal('found a file that you are not allowed to read');
    throw new FileRefusal(
      `found that it cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** @throws FileRefusal where a path, without links by now, is no regular file */
async function requireFile(path: string): Promise<void> {
  const stats = await located(lstat(path));
  if (!stats.isFile()) throw new FileRefusal(`found ${kindOf(stats)}`);
}

/** The folder that a file has to lie below is null where it may lie anywhere. */
type Place = Resolved | { readonly path: string; readonly root: null };

const leadsOut = (): FileRefusal => new FileRefusal('found a link that leads out of its folder');

/**
 * @param name relative to the folder
 * @throws FileRefusal where it is no file, or leaves the folder
 */
async function placeOf(folder: string, name: string): Promise<Resolved> {
  if (isAbsolute(name) || name.includes('\0') || !isInside(join(folder, name), folder))
    throw new FileRefusal('found a path that leads out of its folder');
  const place = await located(resolvedIn(folder, join(folder, name)));
  if (!place.isBelow) throw leadsOut();
  await requireFile(place.path);
  return place;
}

/** Whether a folder's file may be read, without opening it: the reason why not, or null; null too where nothing is there. */
export async function fileProblem(folder: string, name: string): Promise<string | null> {
  try {
    await placeOf(folder, name);
    return null;
  } catch (error) {
    if (!(error instanceof FileRefusal)) throw error;
    return error.missing ? null : error.message;
  }
}

export interface OpenFile {
  readonly bytes: number;
  readonly changed: Date;
  /** A range of the file. @throws FileRefusal where the file has become shorter */
  readonly read: (offset: number, length: number) => Promise<Buffer>;
}

/**
 * Opens a regular file below a folder for as long as it is used.
 * @param most bytes that the file may have
 * @throws FileRefusal
 */
export const withFile = async <T>(
  folder: string,
  name: string,
  most: number,
  use: (file: OpenFile) => Promise<T>,
): Promise<T> => withPlace(await placeOf(folder, name), most, use);

/**
 * As `withFile`, of a file that may lie anywhere: for names that the user gave or agreed to.
 * @param path absolute; links are followed
 * @throws FileRefusal
 */
export async function withFileAt<T>(
  path: string,
  most: number,
  use: (file: OpenFile) => Promise<T>,
): Promise<T> {
  return withPlace(await placeAt(path), most, use);
}

/**
 * As `withFileAt`, of a file of any size that is read piece by piece. Whoever opens it closes it.
 * @param folder that it has to lie below; null where it may lie anywhere
 * @throws FileRefusal
 */
export async function openFileAt(
  path: string,
  folder: string | null = null,
): Promise<OpenFile & { readonly close: () => Promise<void> }> {
  const place = folder === null ? await placeAt(path) : await placeOf(folder, relative(folder, path));
  return openPlace(place, Infinity);
}

async function placeAt(given: string): Promise<Place> {
  if (!isAbsolute(given) || given.includes('\0')) throw new FileRefusal('found a path that is not absolute');
  const path = await located(realpath(given));
  await requireFile(path);
  return { path, root: null };
}

async function withPlace<T>(place: Place, most: number, use: (file: OpenFile) => Promise<T>): Promise<T> {
  const file = await openPlace(place, most);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function openPlace(place: Place, most: number): ReturnType<typeof openFileAt> {
  const handle = await located(place.root === null ? openResolved(place.path) : openBelow(place));
  if (handle === null) throw leadsOut();
  const close = (): Promise<void> => handle.close();
  try {
    const stats = await handle.stat();
    // Checked again on the open file, which may have been replaced since it was examined.
    if (!stats.isFile()) throw new FileRefusal(`found ${kindOf(stats)}`);
    if (stats.size > most)
      throw new FileRefusal(`found ${megabytes(stats.size)}; at most ${megabytes(most)} are read`);
    const { size: bytes, mtime: changed } = stats;
    return { bytes, changed, read: (offset, length) => readRange(handle, offset, length), close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** Never to the end of the file: a file that grows may have none. */
async function readRange(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const target = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await located(handle.read(target, at, length - at, offset + at));
    if (bytesRead === 0)
      throw new FileRefusal(`found ${offset + at} bytes; bytes up to ${offset + length} are needed`);
    at += bytesRead;
  }
  return target;
}

/** A regular file's bytes. @throws FileRefusal */
export const readFileBelow = (folder: string, name: string, most: number): Promise<Buffer> =>
  withFile(folder, name, most, ({ bytes, read }) => read(0, bytes));

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
