/** Bounded random access to bytes: every range is checked against the size before anything is read or allocated. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { throwIfAborted } from '../errors';
import { CheckpointError } from './error';
import type { Where } from './error';

/** Bytes handed to one system call; between two of them a cancellation is noticed. */
const sliceBytes = 4 << 20;

/** A fixed number of bytes that can be read at any offset. Holds no copy of them. */
export abstract class ByteSource {
  abstract readonly where: Where;
  /** In bytes. */
  abstract readonly size: number;

  /** Fills `target` from a range that has been checked. */
  protected abstract fill(offset: number, target: Uint8Array): Promise<void>;

  /** Fills the whole of `target` with the bytes from `offset` on. Throws a CheckpointError if they are not all there. */
  async readInto(offset: number, target: Uint8Array): Promise<void> {
    this.check(offset, target.length);
    if (target.length > 0) await this.fill(offset, target);
  }

  /** `length` bytes from `offset` on, in memory of their own. */
  async read(offset: number, length: number): Promise<Buffer> {
    this.check(offset, length);
    const target = Buffer.from(new ArrayBuffer(length));
    if (length > 0) await this.fill(offset, target);
    return target;
  }

  /** Closes whatever is open. May be called more than once. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  private check(offset: number, length: number): void {
    if (offset >= 0 && length >= 0 && offset + length <= this.size) return;
    throw new CheckpointError(
      this.where,
      `is cut short: bytes ${offset} to ${offset + length} are needed, there are ${this.size}`,
      { offset: this.size },
    );
  }
}

/** A regular file on disk, opened for reading only. */
export class FileSource extends ByteSource {
  private constructor(
    readonly where: Where,
    readonly size: number,
    private readonly handle: FileHandle,
    private readonly signal: AbortSignal | undefined,
  ) {
    super();
  }

  /**
   * Throws a CheckpointError where there is no readable regular file at `path`.
   * @param examine throws if what is open must not be read
   */
  static async open(
    path: string,
    signal?: AbortSignal,
    examine?: (file: FileHandle) => Promise<void>,
  ): Promise<FileSource> {
    throwIfAborted(signal);
    const where = { file: path };
    let handle: FileHandle;
    try {
      // Without O_NONBLOCK, opening a named pipe that has no writer would block forever.
      handle = await open(
        path,
        constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NONBLOCK),
      );
    } catch (error) {
      throw unreadable(where, error);
    }
    return FileSource.of(handle, where, signal, () => examine?.(handle));
  }

  /** Takes over an open file, once `prepare` has filled it; closes it on an error. */
  static async of(
    handle: FileHandle,
    where: Where,
    signal?: AbortSignal,
    prepare?: () => Promise<void> | undefined,
  ): Promise<FileSource> {
    try {
      await prepare?.();
      const stat = await handle.stat().catch((error: unknown) => {
        throw unreadable(where, error);
      });
      if (stat.isFile()) return new FileSource(where, stat.size, handle, signal);
      const found = stat.isDirectory() ? 'a folder without a model' : 'neither a file nor a folder';
      throw new CheckpointError(where, `is ${found}; expected a checkpoint file`, {
        fix: 'Give the path of the checkpoint file itself.',
      });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  protected async fill(offset: number, target: Uint8Array): Promise<void> {
    let done = 0;
    while (done < target.length) {
      throwIfAborted(this.signal);
      const length = Math.min(sliceBytes, target.length - done);
      let bytesRead: number;
      try {
        ({ bytesRead } = await this.handle.read(target, done, length, offset + done));
      } catch (error) {
        throw unreadable(this.where, error);
      }
      if (bytesRead === 0) {
        throw new CheckpointError(this.where, 'became shorter while it was being read', {
          offset: offset + done,
          fix: 'Wait until nothing is writing to the file, then try again.',
        });
      }
      done += bytesRead;
    }
  }

  override async close(): Promise<void> {
    await this.handle.close();
  }
}

/** A range of another source, seen as a source of its own: a member stored in an archive, a storage in a file. */
export class RangeSource extends ByteSource {
  constructor(
    private readonly parent: ByteSource,
    private readonly start: number,
    readonly size: number,
    readonly where: Where = parent.where,
  ) {
    super();
  }

  protected fill(offset: number, target: Uint8Array): Promise<void> {
    return this.parent.readInto(this.start + offset, target);
  }
}

const systemErrors: Readonly<Record<string, readonly [reason: string, fix: string]>> = {
  ENOENT: ['does not exist; expected a checkpoint file', 'Check the path.'],
  ENOTDIR: ['does not exist; expected a checkpoint file', 'Check the path.'],
  EACCES: ['cannot be read by this user', 'Give yourself permission to read the file.'],
  EPERM: ['cannot be read by this user', 'Give yourself permission to read the file.'],
  EISDIR: [
    'is a folder without a model; expected a checkpoint file',
    'Give the path of the checkpoint file itself.',
  ],
  ELOOP: ['is a symbolic link that leads back to itself', 'Give the path of the checkpoint file itself.'],
  ENAMETOOLONG: ['is too long for a path', 'Check the path.'],
  ENXIO: [
    'is neither a file nor a folder; expected a checkpoint file',
    'Give the path of a checkpoint file.',
  ],
  EMFILE: ['cannot be opened: too many files are open', 'Close other files or programs, then try again.'],
};

function unreadable(where: Where, error: unknown): CheckpointError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = systemErrors[code];
  if (known) return new CheckpointError(where, known[0], { fix: known[1], cause: error });
  const detail = error instanceof Error ? error.message : String(error);
  return new CheckpointError(where, `cannot be read: ${detail}`, {
    fix: 'Check the disk or network share that the file is on, then try again.',
    cause: error,
  });
}
