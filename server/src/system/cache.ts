/** A cache of folders by key: each is made whole beside its place and renamed into it, so half an entry is never seen. */
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LensError } from '../errors';
import { removeAbandoned } from './abandoned';
import { makeFolders } from './make-folders';
import { ownedName } from '../../../files/owner';

const HALF_MADE = '.making-';
const UNCACHED = 'inference-lens-uncached-';
const DAY_MS = 86_400_000;

const isHalfMade = (name: string): boolean => name.startsWith(HALF_MADE);

export class FolderCache {
  private tidied: Promise<void> | null = null;
  /** Paths of entries that could not be written to the root; they last as long as this process. */
  private readonly passing = new Map<string, string>();
  /** Damaged entries that cannot be removed from the root. */
  private readonly spoiled = new Set<string>();
  private why: string | null = null;

  /** @param temporary where entries go that cannot be written to `root`; they are removed at the process's end */
  constructor(
    readonly root: string,
    private readonly temporary: string = tmpdir(),
  ) {}

  /** Why entries are not cached, in a sentence; null if all are. */
  get notCached(): string | null {
    return this.why;
  }

  /**
   * The folder of `key`, made by `make` if it is not there yet. Safe between processes: if two make the same
   * entry, the one that comes first stays and the other is dropped. Where the root cannot be written, the
   * entry is in the folder for temporary files, and `notCached` says why.
   * @param key a file name: letters, digits, '-', '_' and '.'
   * @param make fills the (temporary) folder that it is given; it is called again where the root took only a part
   * @throws LensError of kind `output` where neither can be written, and whatever `make` throws
   */
  async folder(key: string, make: (folder: string) => Promise<void>): Promise<string> {
    const passing = this.passing.get(key);
    if (passing !== undefined && existsSync(passing)) return passing;
    const place = this.placeOf(key);
    await (this.tidied ??= this.removeLeft());
    if (this.holds(place, key)) {
      await touch(place);
      return place;
    }
    if (this.spoiled.has(key)) return this.inPassing(key, make, null);
    try {
      const made = await this.inRoot(key, place, make);
      if (this.passing.size === 0) this.why = null; // there is room again
      return made;
    } catch (thrown) {
      const refusal = refusalOf(thrown, this.root);
      if (refusal === null) throw thrown;
      this.refused(refusal);
      return this.inPassing(key, make, thrown);
    }
  }

  private async inRoot(key: string, place: string, make: (folder: string) => Promise<void>): Promise<string> {
    await makeFolders(this.root);
    const temporary = await mkdtemp(join(this.root, ownedName(`${HALF_MADE}${key.slice(0, 40)}-`)));
    try {
      await make(temporary);
      await rename(temporary, place).catch((thrown: unknown) => {
        if (!existsSync(place)) throw thrown;
      });
    } finally {
      await rm(temporary, { recursive: true, force: true }).catch(() => undefined); // the next pruning takes it
    }
    return place;
  }

  /** @param first why it could not be written to the root */
  private async inPassing(
    key: string,
    make: (folder: string) => Promise<void>,
    first: unknown,
  ): Promise<string> {
    let folder: string | null = null;
    try {
      folder = await mkdtemp(join(this.temporary, ownedName(UNCACHED)));
      removeAtEnd(folder);
      await make(folder);
    } catch (thrown) {
      if (folder !== null) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
      throw refusalOf(thrown, this.temporary) === null
        ? thrown
        : nowhere(this.root, this.temporary, first ?? this.why, thrown);
    }
    this.passing.set(key, folder);
    return folder;
  }

  has(key: string): boolean {
    return this.passing.has(key) || this.holds(this.placeOf(key), key);
  }

  private readonly holds = (place: string, key: string): boolean =>
    !this.spoiled.has(key) && existsSync(place);

  private refused({ message }: Error): void {
    this.why = `The cache folder ${this.root} cannot be written (${message}): the analysis ran uncached, and the next one prepares its networks again.`;
  }

  /** Drops an entry, as when what it holds cannot be loaded. */
  async remove(key: string): Promise<void> {
    const passing = this.passing.get(key);
    this.passing.delete(key);
    if (passing !== undefined) await rm(passing, { recursive: true, force: true }).catch(() => undefined);
    try {
      await rm(this.placeOf(key), { recursive: true, force: true });
    } catch (thrown) {
      const refusal = refusalOf(thrown, this.root);
      if (refusal === null) throw thrown;
      this.refused(refusal);
      this.spoiled.add(key);
    }
  }

  /** Bytes on disk of every entry. */
  async size(): Promise<number> {
    let total = 0;
    for (const name of await readdir(this.root, { recursive: true }).catch(() => [])) {
      const entry = await stat(join(this.root, name)).catch(() => null);
      if (entry?.isFile() === true) total += entry.size;
    }
    return total;
  }

  /** Removes entries not used for `days`, of those that `concerns` names; and what crashed processes left half-made. */
  async prune(
    days: number,
    { now = Date.now(), concerns = () => true }: { now?: number; concerns?: (key: string) => boolean } = {},
  ): Promise<void> {
    await this.removeHalfMade(now);
    for (const name of await readdir(this.root).catch(() => [])) {
      const path = join(this.root, name);
      const entry = await stat(path).catch(() => null);
      const age = entry === null ? 0 : (now - entry.mtimeMs) / DAY_MS;
      // Windows keeps what a session of another process has mapped.
      if (!isHalfMade(name) && age > days && concerns(name))
        await rm(path, { recursive: true, force: true }).catch(() => undefined);
    }
  }

  /**
   * Removes what crashed processes left half-made: immediately if they are known to be dead, else after a
   * day.
   */
  removeHalfMade(now = Date.now()): Promise<void> {
    return removeAbandoned(this.root, { matches: isHalfMade, ownerlessMs: DAY_MS, unknownMs: DAY_MS, now });
  }

  /** The same, and entries in the folder for temporary files of processes that were killed before they could remove them. */
  private async removeLeft(): Promise<void> {
    const matches = (name: string): boolean => name.startsWith(UNCACHED);
    const rules = { matches, ownerlessMs: DAY_MS, unknownMs: DAY_MS };
    await Promise.all([this.removeHalfMade(), removeAbandoned(this.temporary, rules)]);
  }

  private placeOf(key: string): string {
    if (!/^[\w.-]+$/.test(key)) throw new Error(`"${key}" cannot be a cache key.`);
    return join(this.root, key);
  }
}

async function touch(folder: string): Promise<void> {
  const now = new Date();
  await utimes(folder, now, now).catch(() => undefined); // a read-only cache is still a cache
}

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];
const REFUSED = [
  ...FULL,
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EEXIST',
  'ENOENT',
  'ENOTSUP',
  'EIO',
  'ELOOP',
];

/** What the system says where `place` is full, may not be written or cannot be made; null of everything else, as of other files. */
function refusalOf(thrown: unknown, place: string): NodeJS.ErrnoException | null {
  if (thrown instanceof LensError) return thrown.kind === 'output' ? refusalOf(thrown.cause, place) : null;
  const { code, path } = (thrown ?? {}) as NodeJS.ErrnoException;
  if (code === undefined || !REFUSED.includes(code)) return null;
  // Writing to an open file names none; making folders may fail at one above.
  const here = path === undefined || path.startsWith(place) || place.startsWith(path);
  return here ? (thrown as NodeJS.ErrnoException) : null;
}

function nowhere(root: string, temporary: string, first: unknown, second: unknown): LensError {
  const [one, two] = [refusalOf(first, root), refusalOf(second, temporary)];
  const full = [one?.code, two?.code].some((code) => code !== undefined && FULL.includes(code));
  return new LensError(
    'output',
    `The cache folder ${root} cannot be written${one === null ? '' : ` (${one.message})`}, nor can the folder for temporary files ${temporary}${two === null ? '' : ` (${two.message})`}.`,
    {
      cause: second,
      ...(full ? { code: 'disk-full' as const } : {}),
      fix: 'Free some space, or set INFERENCE_LENS_CACHE to a folder with room (about 600 MB for EfficientNet-B5).',
    },
  );
}

const passingFolders = new Set<string>();

function removeAtEnd(folder: string): void {
  if (passingFolders.size === 0)
    process.once('exit', () => {
      for (const each of passingFolders) rmSync(each, { recursive: true, force: true });
    });
  passingFolders.add(folder);
}
