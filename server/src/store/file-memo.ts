/** What was found out about a file, for as long as it is the same file: a batch need not hash its weights for every image. */
import { stat } from 'node:fs/promises';

interface Known {
  readonly stamp: string;
  readonly value: Promise<unknown>;
}

/** A file changed more recently than this may change again without its times showing it. */
const SETTLED_MS = 2000;

export class FileMemo {
  private readonly known = new Map<string, Known>();

  /** @param clock milliseconds since 1970 */
  constructor(private readonly clock: () => number = Date.now) {}

  /**
   * The result of `find` for the file, cached as long as device, inode, size and times stay the same. Nothing
   * is cached for a file that has just been written, or where `find` throws.
   * @param what names the question: one file may have several answers
   * @throws what `find` throws; a file that cannot be asked for its times is left to `find` as well
   */
  async get<T>(path: string, what: string, find: () => Promise<T>): Promise<T> {
    const key = JSON.stringify([what, path]);
    const stamp = await this.stampOf(path);
    const known = this.known.get(key);
    if (stamp !== null && known?.stamp === stamp) return known.value as Promise<T>;
    const value = find();
    if (stamp === null) {
      this.known.delete(key);
      return value;
    }
    const entry = { stamp, value };
    this.known.set(key, entry);
    value.catch(() => {
      if (this.known.get(key) === entry) this.known.delete(key);
    });
    return value;
  }

  /** Null where it could not distinguish one content from another. */
  private async stampOf(path: string): Promise<string | null> {
    const found = await stat(path, { bigint: true }).catch(() => null);
    if (found === null) return null;
    const { dev, ino, size, mtimeNs, ctimeNs } = found;
    const latest = Number(mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1e6;
    return this.clock() - latest < SETTLED_MS ? null : [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  }
}
