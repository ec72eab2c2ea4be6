/** The model store: weights stored by content and found by id. Nothing is visible until it is complete. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LensError, throwIfAborted } from '../errors';
import { removeAbandoned } from '../system/abandoned';
import { makeFolders } from '../system/make-folders';
import { ownedName } from '../../../files/owner';
import { cacheRoot } from '../system/paths';
import { cardOfFile, readCards } from './card';
import { copyFiles } from './copy';
import type { StoredFile, StoredModel } from './entry';
import { RECORD_VERSION, blobName, checkId, idFromFileName, parseEntry, taskIn } from './entry';
import { FileMemo } from './file-memo';
import type { ModelFile } from './model-files';
import { modelFiles } from './model-files';
import { damaged, idTaken, storeError, unreadable, weightsGone } from './store-errors';

export interface ImportOptions {
  /**
   * The id to store it under; by default that of the card that the file belongs to, else one made from the
   * file's name.
   */
  readonly id?: string;
  readonly architecture?: string;
  /** Of a file that holds several. */
  readonly stateDict?: string;
  readonly signal?: AbortSignal;
  /** Bytes copied so far, of how many. */
  readonly progress?: (done: number, total: number) => void;
}

/** A record that exists but cannot be used. */
export interface BrokenRecord {
  readonly id: string;
  /** Its task, as far as the record still says. */
  readonly task: StoredModel['task'] | null;
}

/**
 * `blobs/<sha256>/<file name>` holds the weights, `models/<id>.json` says what they are. Several ids may
 * share a blob. Weights of several files are together in one folder, named by the hash of all.
 */
export class ModelStore {
  /** Cached facts about weights files, in the store or not. */
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

  /** Where a model's weights are. */
  pathOf({ files, fileName }: Pick<StoredModel, 'files' | 'fileName'>): string {
    return join(this.root, 'blobs', blobName(files), fileName);
  }

  /** Where each of a model's files is. */
  private placesOf({
    files,
  }: Pick<StoredModel, 'files'>): readonly (StoredFile & { readonly path: string })[] {
    const folder = join(this.root, 'blobs', blobName(files));
    return files.map((file) => ({ ...file, path: join(folder, ...file.name.split('/')) }));
  }

  /**
   * Copies a file into the store after recognizing it. Importing the same file under the same id again changes nothing,
   * except that it mends a record or weights that were damaged meanwhile.
   * @throws LensError: `model` if the file is not understood, `usage` if the id belongs to another file, `output` if
   *   the store cannot be written
   */
  async import(path: string, options: ImportOptions = {}): Promise<StoredModel> {
    if (options.id !== undefined) checkId(options.id);
    const parts = await modelFiles(path, options.signal);
    const [main = { name: basename(path), path }] = parts;
    const { identify } = await import('./identify'); // reads checkpoints and knows every network
    const identity = await identify(main.path, options);
    const { folder, files } = await this.copyIn(path, parts, options);
    const fileName = main.name;
    const sha256 = files[0]?.sha256 ?? '';
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const id =
      options.id ??
      cardOfFile({ sha256, fileName, ...identity }, readCards())?.id ??
      idFromFileName(fileName);
    try {
      const present = await this.findIntact(id);
      if (present !== null && blobName(present.files) !== blobName(files)) throw idTaken(present, path);
      if (present?.architecture === identity.architecture && present.stateDict === identity.stateDict)
        return present;
      const model: StoredModel = {
        version: RECORD_VERSION,
        id,
        sha256,
        fileName,
        bytes,
        files,
        importedAt: new Date().toISOString(),
        ...identity,
      };
      await this.placeBlob(folder, model);
      await this.writeRecord(model);
      return model;
    } catch (thrown) {
      throw storeError(thrown, path, this.root);
    } finally {
      await rm(folder, { recursive: true, force: true });
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
        await rm(dirname(this.pathOf(model)), { recursive: true, force: true });
    } catch (thrown) {
      throw storeError(thrown, this.recordPath(id), this.root);
    }
    return model ?? { id, bytes: 0 };
  }

  /**
   * Changes what a model's record says; under another id it takes the old one's place.
   * @throws LensError of kind `usage` if there is none of that id, `output` if it cannot be written
   */
  async rewrite(id: string, change: Partial<Pick<StoredModel, 'id' | 'lens'>>): Promise<StoredModel> {
    const model = { ...(await this.get(id)), ...change };
    try {
      await this.writeRecord(model);
      if (model.id !== id) await rm(this.recordPath(id));
    } catch (thrown) {
      throw storeError(thrown, this.recordPath(id), this.root);
    }
    return model;
  }

  /** Reads the weights again and compares with their checksum. @throws LensError of kind `model` if they differ */
  async verify(id: string, signal?: AbortSignal): Promise<StoredModel> {
    const model = await this.get(id);
    for (const { path, sha256 } of this.placesOf(model)) {
      const found = await hashFile(path, signal).catch((thrown: unknown) => {
        throw unreadable(thrown, path);
      });
      if (found !== sha256) throw damaged(model, path, `sha256 ${sha256}`, found);
    }
    return model;
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
      const isThere = await stat(this.modelsFolder).then(
        () => true,
        () => false,
      );
      if (isMissing(thrown) && !isThere) return [];
      throw unreadable(thrown, this.modelsFolder);
    }
  }

  private async read(id: string): Promise<StoredModel | null> {
    const model = await this.readRecord(id);
    if (model === null) return null;
    for (const { path, bytes } of this.placesOf(model)) {
      const { size } = await stat(path).catch((thrown: unknown) => {
        throw (thrown as NodeJS.ErrnoException).code === 'ENOENT'
          ? weightsGone(model, path)
          : unreadable(thrown, path);
      });
      if (size !== bytes) throw damaged(model, path, `${bytes} bytes`, String(size));
    }
    return model;
  }

  /** Only the record, whatever became of the weights. */
  private async readRecord(id: string): Promise<StoredModel | null> {
    const path = this.recordPath(id);
    const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
      if (isMissing(thrown)) return null;
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
  private async isShared({ files }: StoredModel): Promise<boolean> {
    const blob = blobName(files);
    for (const name of await this.recordNames()) {
      if (!name.endsWith('.json')) continue;
      const other = await this.readRecord(name.slice(0, -'.json'.length)).catch(() => undefined);
      if (other === undefined || (other !== null && blobName(other.files) === blob)) return true;
    }
    return false;
  }

  /** Copies to a temporary folder of the store. @param path that was requested, to name in errors */
  private async copyIn(path: string, parts: readonly ModelFile[], options: ImportOptions) {
    const folder = join(this.root, 'incoming', `${ownedName('')}${randomUUID()}`);
    try {
      await removeAbandoned(dirname(folder), LIMITS);
      await removeAbandoned(this.modelsFolder, { ...LIMITS, matches: (name) => name.endsWith(PARTIAL) });
      await makeFolders(folder);
      await this.removeOrphans();
      return { folder, files: await copyFiles(parts, folder, options) };
    } catch (thrown) {
      await rm(folder, { recursive: true, force: true }).catch(() => undefined); // the first error says why
      throw storeError(thrown, path, this.root);
    }
  }

  /** Weights that no record names, left by an import that was killed before it wrote its record. */
  private async removeOrphans(): Promise<void> {
    const blobs = join(this.root, 'blobs');
    const used = new Set<string>();
    for (const name of await this.recordNames()) {
      if (!name.endsWith('.json')) continue;
      const model = await this.readRecord(name.slice(0, -'.json'.length)).catch(() => undefined);
      if (model === undefined) return; // a record that cannot be read may need any of them
      if (model !== null) used.add(blobName(model.files));
    }
    await removeAbandoned(blobs, { ...LIMITS, matches: (name) => !used.has(name) });
  }

  /** The whole folder at once; where there is one already, its files are replaced one by one by the same ones. */
  private async placeBlob(folder: string, model: StoredModel): Promise<void> {
    const place = dirname(this.pathOf(model));
    await mkdir(dirname(place), { recursive: true });
    try {
      await rename(folder, place);
    } catch (thrown) {
      const { code = '' } = thrown as NodeJS.ErrnoException;
      if (!['ENOTEMPTY', 'EEXIST', 'EPERM', 'ENOTDIR'].includes(code)) throw thrown;
      for (const { name } of model.files) {
        const target = join(place, ...name.split('/'));
        await mkdir(dirname(target), { recursive: true });
        await rename(join(folder, ...name.split('/')), target);
      }
    }
  }

  private async writeRecord(model: StoredModel): Promise<void> {
    const path = this.recordPath(model.id);
    const temporary = `${ownedName(`${path}.`)}${randomUUID()}${PARTIAL}`;
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

/** Below a file there is nothing either, as where the cache folder is one. */
const isMissing = (thrown: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((thrown as NodeJS.ErrnoException).code ?? '');

/** No id is anything else; what is not an id must not become a path. */
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

const DAY_MS = 86_400_000;

/** Of a record on its way. */
const PARTIAL = '.partial';

/** Age limit for files that name no owner: no copy or record takes a day to write. */
const LIMITS = { ownerlessMs: DAY_MS, unknownMs: DAY_MS };
