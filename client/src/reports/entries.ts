/**
 * What the Reports view lists, one file for each report in a folder that all windows share: a window changes only the files of the reports
 * that it adds, renames or removes, and so never undoes what another one did meanwhile.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ReportEntry {
  /** Absolute path of the report folder. */
  readonly folder: string;
  /** The image's file name, or what the reader called it. */
  readonly title: string;
  readonly image: string;
  readonly verdict: string;
  /** Empty where the report has none. */
  readonly lens: string;
  readonly weights: string;
  readonly untrained: boolean;
  /** The picture was edited by hand, so that the verdict is not one on the file. */
  readonly edited?: true;
  /** When it was made: ISO 8601. */
  readonly time: string;
  /** A picture in the folder, relative to it. */
  readonly thumbnail: string;
}

/** Every required text of an entry. */
const TEXTS = ['folder', 'title', 'image', 'verdict', 'lens', 'weights', 'time', 'thumbnail'] as const;

/** More are not listed: storage has its own limit. */
const MOST = 500;

export class ReportEntries {
  /** What was read, for as long as the file is the same: one that is written replaces the one before. */
  private readonly read = new Map<string, { readonly version: string; readonly entry: ReportEntry | null }>();

  constructor(readonly place: string) {}

  /** As they are on disk now, the newest first. */
  all(): readonly ReportEntry[] {
    const names = this.names().filter((name) => name.endsWith('.json'));
    const entries = names.map((name) => this.at(name)).filter((entry) => entry !== null);
    return entries.sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0));
  }

  /** Adds them, or replaces what was there of the same reports. */
  put(entries: readonly ReportEntry[]): void {
    mkdirSync(this.place, { recursive: true });
    for (const entry of entries) {
      const name = nameOf(entry.folder);
      const unfinished = join(this.place, `${name}.${process.pid}.partial`);
      writeFileSync(unfinished, JSON.stringify(entry));
      renameSync(unfinished, join(this.place, name));
    }
    for (const { folder } of this.all().slice(MOST)) this.remove(folder);
  }

  remove(folder: string): void {
    rmSync(join(this.place, nameOf(folder)), { force: true });
  }

  private names(): readonly string[] {
    try {
      return readdirSync(this.place);
    } catch {
      return [];
    }
  }

  /** Null for what another window has just removed, and for what is no entry. */
  private at(name: string): ReportEntry | null {
    const path = join(this.place, name);
    try {
      const { ino, mtimeMs, size } = statSync(path);
      const version = `${ino} ${mtimeMs} ${size}`;
      const known = this.read.get(name);
      if (known?.version === version) return known.entry;
      const entry = parsed(readFileSync(path, 'utf8'));
      this.read.set(name, { version, entry });
      return entry;
    } catch {
      this.read.delete(name);
      return null;
    }
  }
}

const nameOf = (folder: string): string =>
  `${createHash('sha256').update(folder).digest('hex').slice(0, 32)}.json`;

function parsed(text: string): ReportEntry | null {
  const value = JSON.parse(text) as Partial<ReportEntry> | null;
  const isEntry = value !== null && TEXTS.every((key) => typeof value[key] === 'string');
  return isEntry ? (value as ReportEntry) : null;
}
