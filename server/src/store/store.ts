/** The model store: weights kept by content, found by id. Nothing is visible until it is whole. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LensError, throwIfAborted } from '../errors';
import { cacheRoot } from '../runtime/paths';
import { cardOfFile, readCards } from './card';
import type { StoredModel } from './entry';
import { checkId, idFromFileName, parseEntry, taskIn } from './entry';
import { FileMemo } from './file-memo';
import { identify } from './identify';

export interface ImportOptions {
  /** The id to keep it under; by default the card's that the file belongs to, else made from the file's name. */
  readonly id?: string;
  readonly architecture?: string;
  /** Of a file that holds several. */
  readonly stateDict?: string;
  readonly signal?: AbortSignal;
  /** Bytes copied so far, of how many. */
  readonly progress?: (done: number, total: number) => void;
}

/** A record that is there and of no use. */
export interface BrokenRecord {
  readonly id: string;
  /** What it was for, as far as the record still tells. */
  readonly task: StoredModel['task'] | null;
}

/**
 * `blobs/<sha256>/<file name>` holds the weights, `models/<id>.json` says what they are. Several ids may share a blob.
 */
export class ModelStore {
  /** What is known of weights files, in the store or not. */
  readonly memo = new FileMemo();

  constructor(readonly root: string = join(cacheRoot(), 'store')) {}

  /** By id. Records that cannot be read are reported through `onBroken` and left out. */
  async list(
    onBroken: (error: LensError, record: BrokenRecord) => void = () => undefined,
  ): Promise<readonly StoredModel[]> {
    const names = (await this.recordNames()).filter((name) => name.endsWith('.json'));
    const models: StoredModel[] = [];
    for (const name of names.sort()) {
      const id = name.slice(0, -'.json'.length);
      try {
        const model = await this.read(id);
        if (model !== null) models.push(model);
      } catch (thrown) {
        if (!(thrown instanceof LensError)) throw thrown;
        onBroken(thrown, { id, task: await this.taskOf(id) });
      }
    }
    return models;
  }

  /** Null if there is no model of that id. @throws LensError of kind `model` if its record or its weights are broken */
  async find(id: string): Promise<StoredModel | null> {
    return isFileName(id) ? this.read(id) : null;
  }

  /** @throws LensError of kind `usage` if there is no model of that id */
  async get(id: string): Promise<StoredModel> {
    const model = await this.find(id);
    if (model !== null) return model;
    const known = (await this.list()).map((other) => other.id);
    throw new LensError('usage', `There is no model "${id}" in the store.`, {
      ...(known.length > 0 ? { fix: `The store holds ${known.join(', ')}.` } : { remedies: ['import-file'] }),
    });
  }

  /** Where a model's weights lie. */
  pathOf({ sha256, fileName }: Pick<StoredModel, 'sha256' | 'fileName'>): string {
    return join(this.root, 'blobs', sha256, fileName);
  }

  /**
   * Copies a file into the store after recognising it. Importing the same file under the same id again changes nothing,
   * except that it mends a record or weights that were damaged meanwhile.
   * @throws LensError: `model` if the file is not understood, `usage` if the id belongs to another file, `output` if
   *   the store cannot be written
   */
  async import(path: string, options: ImportOptions = {}): Promise<StoredModel> {
    if (options.id !== undefined) checkId(options.id);
    const identity = await identify(path, options);
    const copy = await this.copyIn(path, options);
    const { sha256, bytes } = copy;
    const fileName = basename(path);
    const id =
      options.id ??
      cardOfFile({ sha256, fileName, ...identity }, readCards())?.id ??
      idFromFileName(fileName);
    try {
      const present = await this.findIntact(id);
      if (present !== null && present.sha256 !== sha256) throw idTaken(present, path);
      if (present?.architecture === identity.architecture && present.stateDict === identity.stateDict)
        return present;
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
    } catch (thrown) {
      throw storeError(thrown, path, this.root);
    } finally {
      await rm(dirname(copy.temporary), { recursive: true, force: true });
    }
  }

  /** Forgets an id; the weights go when no other id uses them. A broken record goes too. */
  async remove(id: string): Promise<Pick<StoredModel, 'id' | 'bytes'>> {
    if (!isFileName(id)) return this.get(id);
    const model = await this.readRecord(id).catch((thrown: unknown) => {
      if (thrown instanceof LensError) return null;
      throw thrown;
    });
    if (model === null && !(await this.recordNames()).includes(`${id}.json`)) return this.get(id);
    try {
      await rm(this.recordPath(id), { recursive: true });
      if (model !== null && !(await this.isShared(model)))
        await rm(join(this.root, 'blobs', model.sha256), { recursive: true, force: true });
    } catch (thrown) {
      throw storeError(thrown, this.recordPath(id), this.root);
    }
    return model ?? { id, bytes: 0 };
  }

  /** Reads the weights again and compares with their checksum. @throws LensError of kind `model` if they differ */
  async verify(id: string, signal?: AbortSignal): Promise<StoredModel> {
    const model = await this.get(id);
    const path = this.pathOf(model);
    const found = await hashFile(path, signal).catch((thrown: unknown) => {
      throw unreadable(thrown, path);
    });
    if (found === model.sha256) return model;
    throw damaged(model, path, `sha256 ${model.sha256}`, found);
  }

  private get modelsFolder(): string {
    return join(this.root, 'models');
  }

  private recordPath(id: string): string {
    return join(this.modelsFolder, `${id}.json`);
  }

  private async recordNames(): Promise<readonly string[]> {
    try {
      return await readdir(this.modelsFolder);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw unreadable(thrown, this.modelsFolder);
    }
  }

  private async read(id: string): Promise<StoredModel | null> {
    const model = await this.readRecord(id);
    if (model === null) return null;
    const path = this.pathOf(model);
    const { size } = await stat(path).catch((thrown: unknown) => {
      throw (thrown as NodeJS.ErrnoException).code === 'ENOENT'
        ? weightsGone(model, path)
        : unreadable(thrown, path);
    });
    if (size !== model.bytes) throw damaged(model, path, `${model.bytes} bytes`, String(size));
    return model;
  }

  /** The record alone, whatever became of the weights. */
  private async readRecord(id: string): Promise<StoredModel | null> {
    const path = this.recordPath(id);
    const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw unreadable(thrown, path);
    });
    return text === null ? null : parseEntry(text, path, id);
  }

  /** Of a record that may be incomplete. */
  private async taskOf(id: string): Promise<StoredModel['task'] | null> {
    const text = await readFile(this.recordPath(id), 'utf8').catch(() => '');
    return taskIn(text);
  }

  /** Null for what is broken too: importing again mends it. */
  private async findIntact(id: string): Promise<StoredModel | null> {
    try {
      const model = await this.find(id);
      return model === null ? null : await this.verify(id);
    } catch (thrown) {
      if (thrown instanceof LensError && thrown.kind === 'model') return null;
      throw thrown;
    }
  }

  /** Whether another id needs the same weights; where records cannot be read, they may. */
  private async isShared({ sha256 }: StoredModel): Promise<boolean> {
    for (const name of await this.recordNames()) {
      if (!name.endsWith('.json')) continue;
      const other = await this.readRecord(name.slice(0, -'.json'.length)).catch(() => undefined);
      if (other === undefined || other?.sha256 === sha256) return true;
    }
    return false;
  }

  /** Copies to a temporary folder of the store while hashing, so that what is kept is what was hashed. */
  private async copyIn(path: string, { signal, progress }: ImportOptions) {
    const folder = join(this.root, 'incoming', randomUUID());
    const temporary = join(folder, basename(path));
    try {
      await removeAbandoned(dirname(folder));
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
      await rm(folder, { recursive: true, force: true }).catch(() => undefined); // the first error says why
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
    try {
      const file = await open(temporary, 'wx');
      try {
        await file.writeFile(`${JSON.stringify(model, null, 2)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (thrown) {
      await rm(temporary, { force: true });
      throw thrown;
    }
  }
}

/** No id is anything else; what is no id must not become a path. */
const isFileName = (id: string): boolean => /^[\w.-]+$/.test(id);

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
      fix: 'Keep one of the two, or give this one another id.',
      remedies: ['other-id', { do: 'remove-model', id: present.id }],
    },
  );
}

const DAY_MS = 86_400_000;

/** Copies whose process died: nobody writes one for a day. */
async function removeAbandoned(incoming: string): Promise<void> {
  for (const name of await readdir(incoming).catch(() => [])) {
    const path = join(incoming, name);
    const { mtimeMs = Date.now() } = (await stat(path).catch(() => null)) ?? {};
    if (Date.now() - mtimeMs > DAY_MS)
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

const weightsGone = ({ id, fileName }: StoredModel, path: string): LensError =>
  new LensError('model', `${path}: expected the weights of "${id}", found no file there.`, {
    fix: `Import ${fileName} again, or forget the model.`,
    remedies: ['import-file', { do: 'remove-model', id }],
  });

const damaged = ({ id, fileName }: StoredModel, path: string, expected: string, found: string): LensError =>
  new LensError('model', `${path}: expected ${expected}, found ${found}.`, {
    fix: `The weights of "${id}" were damaged: import ${fileName} again.`,
  });

function unreadable(thrown: unknown, path: string): unknown {
  if (thrown instanceof LensError) return thrown;
  return new LensError('model', `${path} cannot be read: ${(thrown as Error).message}.`, {
    cause: thrown,
    fix: 'Check its permissions, or set INFERENCE_LENS_CACHE to a folder of your own.',
  });
}

/** A failed copy is the store's fault (`output`) or the file's (`model`). */
function storeError(thrown: unknown, path: string, root: string): unknown {
  const { code, message, path: at } = thrown as NodeJS.ErrnoException;
  if (thrown instanceof LensError || code === undefined) return thrown;
  const inStore = at?.startsWith(root) === true;
  if (inStore || ['ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG'].includes(code)) {
    return new LensError('output', `The model store ${root} cannot take ${path}: ${message}.`, {
      cause: thrown,
      fix: 'Free some space, or set INFERENCE_LENS_CACHE to a folder with room that you may write.',
    });
  }
  return new LensError('model', `${path} cannot be copied: ${message}.`, {
    cause: thrown,
    fix: 'Check the file.',
  });
}
