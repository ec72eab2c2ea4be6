/** The content of a weights file as hashes, with the files beside it that belong to it; and whether it has changed. */
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isShardIndex } from '../../checkpoints/shards';
import { LensError } from '../../errors';
import type { FileMemo } from '../../store/file-memo';
import { isOnnxFile, namesBeside } from '../../store/model-files';
import { hashFile } from '../../store/store';

export class WeightsContent {
  private hash: Promise<string> | undefined;
  private all: Promise<readonly string[]> | undefined;

  /** @param recorded the sha256 in the store's record; null for files elsewhere */
  constructor(
    readonly path: string,
    private readonly memo: FileMemo,
    private readonly recorded: string | null = null,
  ) {}

  /** Of the file when first called: later changes do not show here. @throws LensError of kind `model` */
  sha256(): Promise<string> {
    return (this.hash ??=
      this.recorded === null ? contentHash(this.path, this.memo) : Promise.resolve(this.recorded));
  }

  /** The file's sha256 and those of the files that hold its external data; as of the first call. */
  hashes(): Promise<readonly string[]> {
    return (this.all ??= this.sha256().then(async (own) => [own, ...(await this.beside())]));
  }

  /**
   * To be called after reading: what was read is what the hashes say only if the file is still the same.
   * @throws LensError of kind `model` if it is not, or can no longer be read
   */
  async requireSame(): Promise<void> {
    const expected = await this.hashes();
    const found = await this.hashesNow();
    const at = expected.findIndex((hash, i) => found[i] !== hash);
    if (at < 0 && expected.length === found.length) return;
    const hashes = `expected sha256 ${expected[at] ?? 'of fewer files'}, found ${found[at] ?? 'other files'}`;
    throw this.recorded === null
      ? new LensError('model', `${this.path} changed while it was being read: ${hashes}.`, {
          fix: 'Wait until nothing is writing to the file, then analyze again.',
        })
      : new LensError('model', `${this.path}: ${hashes}.`, {
          fix: 'The copy in the store is damaged: import the file again.',
        });
  }

  /** What has happened to the file since its hashes were first taken, to end a sentence; null if nothing has. */
  async change(): Promise<string | null> {
    if (this.recorded !== null) return null; // the store is content-addressed
    const other = 'has changed since';
    try {
      if ((await contentHash(this.path, this.memo)) !== (await this.sha256())) return other;
      return (await this.hashesNow()).join() === (await this.hashes()).join() ? null : other;
    } catch {
      return 'can no longer be read';
    }
  }

  private async hashesNow(): Promise<readonly string[]> {
    return [await contentHash(this.path, this.memo), ...(await this.beside())];
  }

  /** Hashes of the files beside an ONNX file or an index that hold the weights: they may change while it does not. */
  private async beside(): Promise<readonly string[]> {
    const { path, memo } = this;
    if (!isOnnxFile(path) && !isShardIndex(path)) return [];
    const names = await memo.get(path, 'files beside', () => namesBeside(path));
    return Promise.all(names.map((name) => contentHash(join(dirname(path), ...name.split('/')), memo)));
  }
}

async function contentHash(path: string, memo: FileMemo): Promise<string> {
  try {
    if ((await stat(path)).isFile()) return await memo.get(path, 'sha256', () => hashFile(path));
  } catch (thrown) {
    throw new LensError('model', `${path} cannot be read: ${(thrown as Error).message}.`, {
      cause: thrown,
      fix: 'Check the path and its permissions.',
    });
  }
  throw new LensError('model', `${path}: expected a weights file, found a folder.`, {
    fix: 'Give the path of the file inside it.',
    remedies: ['choose-weights'],
  });
}
