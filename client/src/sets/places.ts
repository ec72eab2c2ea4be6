/**
 * Where the editor's evaluations lie: in the extension's storage, one folder for a set, network and layers;
 * the oldest are deleted.
 */
import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';

/** Evaluations that stay; a table of 10,000 pictures takes about 15 MB. */
const MOST = 20;

/** Of a folder of {@link EvaluationPlaces}: what tells apart evaluations of sets of the same name. */
const DIGEST = /-[0-9a-f]{10}$/;

/** The name of the set that an evaluation is of. @param folder of the evaluation, below the one that was requested */
export const setName = (folder: string): string => basename(dirname(folder)).replace(DIGEST, '');

/** What decides where an evaluation is stored: requested again, it is resumed, or is there already. */
export interface Asked {
  readonly source: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export class EvaluationPlaces {
  /** @param root the folder in which evaluations are made */
  constructor(private readonly root: string) {}

  outputFor({ source, options }: Asked): string {
    const digest = createHash('sha256')
      .update(JSON.stringify([source, options]))
      .digest('hex');
    const name = basename(source).replace(/[^\p{L}\p{N}._-]+/gu, '-');
    return join(this.root, `${name}-${digest.slice(0, 10)}`);
  }

  /** Whether this extension wrote it. @param folder of a finished evaluation */
  holds(folder: string): boolean {
    const inside = relative(this.root, folder);
    return inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`);
  }

  /** Folders of finished evaluations, the newest first. */
  async list(): Promise<readonly { readonly folder: string; readonly written: Date }[]> {
    const names = await readdir(this.root).catch((): string[] => []);
    const found = await Promise.all(
      names.map(async (name) => {
        const folder = join(this.root, name, 'evaluation');
        const stats = await stat(join(folder, 'summary.json')).catch(() => null);
        return stats === null ? [] : [{ folder, written: stats.mtime }];
      }),
    );
    return found.flat().sort((a, b) => b.written.getTime() - a.written.getTime());
  }

  /** @param shown folders of evaluations in view, which stay */
  async prune(shown: readonly string[]): Promise<void> {
    for (const { folder } of (await this.list()).slice(MOST))
      if (!shown.includes(folder)) await rm(dirname(folder), { recursive: true, force: true });
  }
}
