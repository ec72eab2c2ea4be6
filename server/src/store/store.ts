/** The model store: weights kept by content, found by id. Nothing is visible until it is whole. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LensError, throwIfAborted } from '../errors';
import { cacheRoot } from '../runtime/paths';
import { cardOfFile, readCards } from './card';
import type { StoredModel } from './entry';
import { checkId, idFromFileName, parseEntry } from './entry';
import { identify } from './identify';

export interface ImportOptions {
  /** The id to keep it under; by default the card's that the file belongs to, else made from the file's name. */
  readonly id?: string;
  readonly architecture?: string;
  readonly signal?: AbortSignal;
  /** Bytes copied so far, of how many. */
  readonly progress?: (done: number, total: number) => void;
}

/**
 * `blobs/<sha256>/<file name>` holds the weights, `models/<id>.json` says what they are. Several ids may share a blob.
 */
export class ModelStore {
  constructor(readonly root: string = join(cacheRoot(), 'store')) {}

  /** By id. Records that cannot be read are reported through `onBroken` and left out. */
  async list(onBroken: (error: LensError) => void = () => undefined): Promise<readonly StoredModel[]> {
    const names = (await readdir(this.modelsFolder).catch(() => [])).filter((name) => name.endsWith('.json'));
    const models: StoredModel[] = [];
    for (const name of names.sort()) {
      const model = await this.read(name.slice(0, -'.json'.length)).catch((thrown: unknown) => {
        if (!(thrown instanceof LensError)) throw thrown;
        onBroken(thrown);
        return null;
      });
      if (model !== null) models.push(model);
    }
    return models;
  }

  /** Null if there is no model of that id. @throws LensError of kind `model` if its record is broken */
  async find(id: string): Promise<StoredModel | null> {
    return /^[\w.-]+$/.test(id) ? this.read(id) : null;
  }

  /** @throws LensError of kind `usage` if there is no model of that id */
  async get(id: string): Promise<StoredModel> {
    const model = await this.find(id);
    if (model !== null) return model;
    const known = (await this.list()).map((other) => other.id);
    throw new LensError('usage', `There is no model "${id}" in the store.`, {
      fix:
        known.length > 0
          ? `The store holds ${known.join(', ')}.`
          : 'Import one: inference-lens models import <file>',
    });
  }

  /** Where a model's weights lie. */
  pathOf({ sha256, fileName }: Pick<StoredModel, 'sha256' | 'fileName'>): string {
    return join(this.root, 'blobs', sha256, fileName);
  }

  /**
   * Copies a file into the store after recognising it. Importing the same file under the same id again changes nothing.
   * @throws LensError: `model` if the file is not understood, `usage` if the id belongs to another file, `output` if
   *   the store cannot be written
   */
  async import(path: string, options: ImportOptions = {}): Promise<StoredModel> {
    if (options.id !== undefined) checkId(options.id);
    const identity = await identify(path, options);
    const copy = await this.copyIn(path, options);
    const { sha256, bytes } = copy;
    const fileName = basename(path);
    const id = options.id ?? cardOfFile(sha256, fileName, readCards())?.id ?? idFromFileName(fileName);
    try {
      const present = await this.find(id);
      if (present !== null && present.sha256 !== sha256) throw idTaken(present, path);
      if (present?.architecture === identity.architecture) return present;
      const model: StoredModel = {
        id,
        sha256,
        fileName,
        bytes,
        importedAt: new Date().toISOString(),
        ...identity,
      };
      await this.placeBlob(copy.temporary, model);
      await this.writeRecord(model);
      return model;
    } finally {
      await rm(dirname(copy.temporary), { recursive: true, force: true });
    }
  }

  /** Forgets an id; the weights go when no other id uses them. */
  async remove(id: string): Promise<StoredModel> {
    const model = await this.get(id);
    await rm(this.recordPath(id));
    const shared = (await this.list()).some((other) => other.sha256 === model.sha256);
    if (!shared) await rm(join(this.root, 'blobs', model.sha256), { recursive: true, force: true });
    return model;
  }

  /** Reads the weights again and compares with their checksum. @throws LensError of kind `model` if they differ */
  async verify(id: string, signal?: AbortSignal): Promise<StoredModel> {
    const model = await this.get(id);
    const path = this.pathOf(model);
    const found = await hashFile(path, signal);
    if (found === model.sha256) return model;
    throw new LensError('model', `${path}: expected sha256 ${model.sha256}, found ${found}.`, {
      fix: `Remove and import it again: inference-lens models remove ${id}`,
    });
  }

  private get modelsFolder(): string {
    return join(this.root, 'models');
  }

  private recordPath(id: string): string {
    return join(this.modelsFolder, `${id}.json`);
  }

  private async read(id: string): Promise<StoredModel | null> {
    const path = this.recordPath(id);
    try {
      const model = parseEntry(await readFile(path, 'utf8'), path);
      await stat(this.pathOf(model));
      return model;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw thrown;
    }
  }

  /** Copies to a temporary folder of the store while hashing, so that what is kept is what was hashed. */
  private async copyIn(path: string, { signal, progress }: ImportOptions) {
    const folder = join(this.root, 'incoming', randomUUID());
    const temporary = join(folder, basename(path));
    try {
      await mkdir(folder, { recursive: true });
      const total = (await stat(path)).size;
      const hash = createHash('sha256');
      let bytes = 0;
      const target = await open(temporary, 'wx');
      try {
        for await (const chunk of createReadStream(path, {
          highWaterMark: 1 << 20,
        }) as AsyncIterable<Buffer>) {
          throwIfAborted(signal);
          hash.update(chunk);
          await target.writeFile(chunk);
          bytes += chunk.length;
          progress?.(bytes, total);
        }
        await target.sync();
      } finally {
        await target.close();
      }
      return { temporary, sha256: hash.digest('hex'), bytes };
    } catch (thrown) {
      await rm(folder, { recursive: true, force: true });
      throw storeError(thrown, path, this.root);
    }
  }

  private async placeBlob(temporary: string, model: StoredModel): Promise<void> {
    const place = this.pathOf(model);
    await mkdir(dirname(place), { recursive: true });
    await rename(temporary, place);
  }

  private async writeRecord(model: StoredModel): Promise<void> {
    const path = this.recordPath(model.id);
    const temporary = `${path}.${randomUUID()}.partial`;
    await mkdir(this.modelsFolder, { recursive: true });
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(`${JSON.stringify(model, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  }
}

/** sha256 of a file's content, in hex. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    throwIfAborted(signal);
    hash.update(chunk);
  }
  return hash.digest('hex');
}

function idTaken(present: StoredModel, path: string): LensError {
  return new LensError(
    'usage',
    `The store's "${present.id}" is another file (${present.fileName}) than ${path}.`,
    {
      fix: `Choose another id with --as, or remove the other first: inference-lens models remove ${present.id}`,
    },
  );
}

/** A failed copy is the store's fault (`output`) or the file's (`model`). */
function storeError(thrown: unknown, path: string, root: string): unknown {
  const { code, message } = thrown as NodeJS.ErrnoException;
  if (thrown instanceof LensError || code === undefined) return thrown;
  if (['ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG'].includes(code)) {
    return new LensError('output', `The model store ${root} cannot take ${path}: ${message}.`, {
      cause: thrown,
      fix: 'Free some space, or set INFERENCE_LENS_CACHE to a folder with room.',
    });
  }
  return new LensError('model', `${path} cannot be copied: ${message}.`, {
    cause: thrown,
    fix: 'Check the file.',
  });
}
