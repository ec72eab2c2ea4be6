/** Inflates a deflated zip member piece by piece, never more than its directory entry promised. */
import { pipeline, Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import { LensError } from '../../errors';
import { CheckpointError } from '../error';
import type { ByteSource } from '../file';

const sliceBytes = 256 << 10;

/** The uncompressed bytes in order; throws a CheckpointError where they are damaged or more than `size`. */
export async function* inflatedChunks(compressed: ByteSource, size: number): AsyncGenerator<Buffer, void> {
  const inflate = createInflateRaw({ chunkSize: 64 << 10 });
  // The callback is required; a failure of either stream reaches the loop below through `inflate`.
  pipeline(Readable.from(slices(compressed)), inflate, () => undefined);
  let produced = 0;
  try {
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      produced += chunk.length;
      if (produced > size) {
        throw new CheckpointError(
          compressed.where,
          `has a deflated member that inflates to more than the ${size} bytes its directory says`,
          { offset: size, fix: 'Get the weights from a source you trust.' },
        );
      }
      yield chunk;
    }
  } catch (error) {
    if (error instanceof LensError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new CheckpointError(compressed.where, `has a damaged deflated member: ${detail}`, {
      offset: produced,
      cause: error,
    });
  } finally {
    inflate.destroy();
  }
}

async function* slices(source: ByteSource): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < source.size; at += sliceBytes) {
    yield await source.read(at, Math.min(sliceBytes, source.size - at));
  }
}
