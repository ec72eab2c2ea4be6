/** Copies files into a folder of their own while hashing them, so that what is stored is what was hashed. */
import { createHash } from 'node:crypto';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { throwIfAborted } from '../errors';
import type { StoredFile } from './entry';
import type { ModelFile } from './model-files';

export interface CopyOptions {
  readonly signal?: AbortSignal;
  /** Bytes copied so far, of how many. */
  readonly progress?: (done: number, total: number) => void;
}

/** @throws what the file system throws, and the cancellation error */
export async function copyFiles(
  files: readonly ModelFile[],
  folder: string,
  { signal, progress }: CopyOptions,
): Promise<readonly StoredFile[]> {
  const sizes = await Promise.all(files.map(async ({ path }) => (await stat(path)).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let done = 0;
  const copied: StoredFile[] = [];
  for (const { name, open: openFile } of files) {
    const target = join(folder, ...name.split('/'));
    await mkdir(dirname(target), { recursive: true });
    const hash = createHash('sha256');
    let bytes = 0;
    const from = await openFile();
    try {
      const to = await open(target, 'wx');
      try {
        for await (const chunk of from.createReadStream({
          highWaterMark: 1 << 20,
          autoClose: false,
        }) as AsyncIterable<Buffer>) {
          throwIfAborted(signal);
          hash.update(chunk);
          await to.writeFile(chunk);
          bytes += chunk.length;
          done += chunk.length;
          progress?.(done, total);
        }
        await to.sync();
      } finally {
        await to.close();
      }
    } finally {
      await from.close();
    }
    copied.push({ name, sha256: hash.digest('hex'), bytes });
  }
  return copied;
}
