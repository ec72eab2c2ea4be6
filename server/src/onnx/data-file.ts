/** Where tensors lie in an external data file, and writing them there. */
import type { FileHandle } from 'node:fs/promises';

/**
 * Offsets follow the advice of onnx.proto for memory mapping: whole pages, and for tensors that are worth
 * mapping one by one the 64 KiB allocation granularity of Windows.
 */
const PAGE_BYTES = 4096;
const MAPPED_OVER = 1024 * 1024;
const GRANULARITY_BYTES = 64 * 1024;

/** One write call moves at most this much: larger calls are legal, but cannot be cancelled and are split anyway. */
const WRITE_BYTES = 64 * 1024 * 1024;

/** Of tensors of these lengths, in bytes, one after the other. */
export function offsetsIn(lengths: readonly number[]): readonly number[] {
  let end = 0;
  return lengths.map((length) => {
    const offset = align(end, length > MAPPED_OVER ? GRANULARITY_BYTES : PAGE_BYTES);
    end = offset + length;
    return offset;
  });
}

const align = (offset: number, unit: number): number => Math.ceil(offset / unit) * unit;

export async function writeAt(file: FileHandle, data: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < data.byteLength;) {
    const length = Math.min(WRITE_BYTES, data.byteLength - done);
    const { bytesWritten } = await file.write(data, done, length, offset + done);
    done += bytesWritten;
  }
}
