/**
 * Deleted reports are kept aside until they can no longer be brought back: each window keeps its own, in folders that are named after its
 * process, so that those of a window which is gone are deleted by the next one.
 */
import { randomUUID } from 'node:crypto';
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ownedName, ownerInName, stateOf, type Owner } from '../../../files/owner';
import { sizeOf } from './storage';

/** One folder that was deleted. */
export interface SetAside {
  /** Where it was. */
  readonly from: string;
  readonly bytes: number;
}

export class DeletedReports {
  /** Where each of this window's is, the oldest first. */
  private readonly kept = new Map<SetAside, string>();

  /** @param place folder that the windows share, on the same disk as their storage @param owner of what this one keeps there */
  constructor(
    private readonly place: string,
    private readonly owner: Owner,
  ) {}

  /** Moves a folder aside. */
  async take(from: string): Promise<SetAside> {
    return this.keep(from, (to) => rename(from, to));
  }

  /** Copies a folder that is then deleted by other means, such as the system's trash. */
  async copy(from: string): Promise<SetAside> {
    return this.keep(from, (to) => cp(from, to, { recursive: true }));
  }

  /** @returns false where it is no longer kept @throws Error where something else is in its place */
  async putBack(aside: SetAside): Promise<boolean> {
    const at = this.kept.get(aside);
    if (at === undefined) return false;
    await moved(join(at, basename(aside.from)), aside.from);
    await this.drop(aside);
    return true;
  }

  async drop(aside: SetAside): Promise<void> {
    const at = this.kept.get(aside);
    this.kept.delete(aside);
    if (at !== undefined) await rm(at, { recursive: true, force: true });
  }

  get isEmpty(): boolean {
    return this.kept.size === 0;
  }

  /** Gives the oldest up until the others take no more than `limit` bytes. */
  async keepBelow(limit: number): Promise<void> {
    let bytes = [...this.kept.keys()].reduce((sum, aside) => sum + aside.bytes, 0);
    for (const aside of this.kept.keys()) {
      if (bytes <= limit) return;
      bytes -= aside.bytes;
      await this.drop(aside);
    }
  }

  /** Deletes what windows that are gone have kept. */
  async sweep(): Promise<void> {
    const names = await readdir(this.place).catch((): string[] => []);
    const gone = names.filter((name) => {
      const owner = ownerInName(name);
      return owner !== null && stateOf(owner) === 'dead';
    });
    await Promise.all(gone.map((name) => rm(join(this.place, name), { recursive: true, force: true })));
  }

  private async keep(from: string, bring: (to: string) => Promise<void>): Promise<SetAside> {
    const aside = { from, bytes: await sizeOf(from) };
    const at = join(this.place, `${ownedName('', this.owner)}${randomUUID()}`);
    await mkdir(at, { recursive: true });
    try {
      await bring(join(at, basename(from)));
    } catch (error) {
      await rm(at, { recursive: true, force: true });
      throw error;
    }
    this.kept.set(aside, at);
    return aside;
  }
}

/** @throws Error where something that is not empty is there already */
async function moved(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    // What was saved may lie on another disk.
    await cp(from, to, { recursive: true, errorOnExist: true, force: false });
  }
}
