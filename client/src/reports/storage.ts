/**
 * Reports in the extension's own storage: how much space they take, and which are deleted first where that is
 * too much.
 */
import type { Dirent } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface StoredReport {
  /** The whole folder, named after the process; the report is its `result`. */
  readonly folder: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly written: number;
}

/** The folder that is deleted with a report: the parent of `result`. */
export const wholeFolder = (report: string): string =>
  basename(report) === 'result' ? dirname(report) : report;

/** A report does not change once it is written, so it is measured once. */
export class ReportStorage {
  private readonly sizes = new Map<string, number>();

  /** @param root the folder in which report folders are created */
  constructor(readonly root: string) {}

  /** Whether a report lies directly in this storage, so that it may be deleted from it. */
  holds(report: string): boolean {
    return dirname(wholeFolder(report)) === this.root;
  }

  /** The oldest first. What is unfinished, its name beginning with a dot, belongs to the process that writes it. */
  async list(): Promise<readonly StoredReport[]> {
    const entries = await readdir(this.root, { withFileTypes: true }).catch((): Dirent[] => []);
    const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
    const reports = await Promise.all(folders.map(({ name }) => this.measure(join(this.root, name))));
    return reports.filter((report) => report !== null).sort((a, b) => a.written - b.written);
  }

  /**
   * Deletes the oldest until the others take no more than `limit` bytes.
   * @param spared report folders that stay: those in view
   * @returns what was deleted
   */
  async keepBelow(limit: number, spared: readonly string[]): Promise<readonly StoredReport[]> {
    const stay = new Set(spared.map(wholeFolder));
    const reports = await this.list();
    let bytes = reports.reduce((sum, report) => sum + report.bytes, 0);
    const deleted: StoredReport[] = [];
    for (const report of reports) {
      if (bytes <= limit) break;
      if (stay.has(report.folder)) continue;
      await this.delete(report.folder);
      bytes -= report.bytes;
      deleted.push(report);
    }
    return deleted;
  }

  /** @throws Error for a folder that is not one of this storage */
  async delete(report: string): Promise<void> {
    if (!this.holds(report)) throw new Error(`${report} is not in ${this.root}.`);
    const folder = wholeFolder(report);
    await rm(folder, { recursive: true, force: true });
    this.sizes.delete(folder);
  }

  /** Null if it was deleted meanwhile. */
  private async measure(folder: string): Promise<StoredReport | null> {
    try {
      const { mtimeMs } = await stat(folder);
      const bytes = this.sizes.get(folder) ?? (await sizeOf(folder));
      this.sizes.set(folder, bytes);
      return { folder, bytes, written: mtimeMs };
    } catch {
      return null;
    }
  }
}

/** Bytes of all files below a folder. */
export async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
