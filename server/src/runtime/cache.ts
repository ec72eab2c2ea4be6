/** A cache of folders by key: each is made whole beside its place and renamed into it, so half an entry is never seen. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { LensError } from '../errors';
import { removeAbandoned } from './abandoned';
import { ownedName } from './owner';

const HALF_MADE = '.making-';
const DAY_MS = 86_400_000;

const isHalfMade = (name: string): boolean => name.startsWith(HALF_MADE);

export class FolderCache {
  private tidied: Promise<void> | null = null;

  constructor(readonly root: string) {}

  /**
   * The folder of `key`, made by `make` if it is not there yet. Safe between processes: if two make the same entry,
   * the one that comes first stays and the other is dropped.
   * @param key a file name: letters, digits, '-', '_' and '.'
   * @param make fills the (temporary) folder that it is given
   */
  async folder(key: string, make: (folder: string) => Promise<void>): Promise<string> {
    const place = this.placeOf(key);
    await (this.tidied ??= this.removeHalfMade());
    if (existsSync(place)) {
      await touch(place);
      return place;
    }
    const temporary = await this.temporaryFolder(key);
    try {
      await make(temporary);
      await rename(temporary, place).catch((thrown: unknown) => {
        if (!existsSync(place)) throw thrown;
      });
    } catch (thrown) {
      throw cacheError(thrown, this.root);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    return place;
  }

  has(key: string): boolean {
    return existsSync(this.placeOf(key));
  }

  /** Drops an entry, as when what it holds cannot be loaded. */
  async remove(key: string): Promise<void> {
    try {
      await rm(this.placeOf(key), { recursive: true, force: true });
    } catch (thrown) {
      throw cacheError(thrown, this.root);
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

  /** Removes what crashed processes left half-made: at once where they are known to be dead, else after a day. */
  removeHalfMade(now = Date.now()): Promise<void> {
    return removeAbandoned(this.root, { matches: isHalfMade, ownerlessMs: DAY_MS, unknownMs: DAY_MS, now });
  }

  private placeOf(key: string): string {
    if (!/^[\w.-]+$/.test(key)) throw new Error(`"${key}" cannot be a cache key.`);
    return join(this.root, key);
  }

  private async temporaryFolder(key: string): Promise<string> {
    try {
      await mkdir(this.root, { recursive: true });
      return await mkdtemp(join(this.root, ownedName(`${HALF_MADE}${key.slice(0, 40)}-`)));
    } catch (thrown) {
      throw cacheError(thrown, this.root);
    }
  }
}

async function touch(folder: string): Promise<void> {
  const now = new Date();
  await utimes(folder, now, now).catch(() => undefined); // a read-only cache is still a cache
}

/** Disk full, no permission and the like; everything else passes unchanged. */
function cacheError(thrown: unknown, root: string): unknown {
  const code = (thrown as NodeJS.ErrnoException | null)?.code;
  if (thrown instanceof LensError || code === undefined) return thrown;
  if (!['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code)) return thrown;
  return new LensError(
    'output',
    `The cache folder ${root} cannot be written: ${(thrown as Error).message}.`,
    {
      cause: thrown,
      ...(['ENOSPC', 'EDQUOT'].includes(code) ? { code: 'disk-full' as const } : {}),
      fix: 'Free some space, or set INFERENCE_LENS_CACHE to a folder with room (about 600 MB for EfficientNet-B5).',
    },
  );
}
