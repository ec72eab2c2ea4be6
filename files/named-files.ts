/**
 * Thousands of files that a report names, looked at together: a folder that is on the way to many of them is examined once, and what a
 * missing one would hold is missing. Only where a link or something special is on the way is a path resolved whole.
 */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileProblem } from './regular-file';

/** Of a folder, from the one that holds everything downward: without links so far, not there, or something to be resolved. */
type Way = 'plain' | 'missing' | 'other';

/** Files that are examined at the same time. */
const AT_ONCE = 16;

export class NamedFiles {
  private readonly ways = new Map<string, Promise<Way>>();

  /** @param folder absolute; all names are of files below it, with forward slashes */
  constructor(private readonly folder: string) {}

  /** The first that is no regular file below the folder, and what it is; null where all are, or are missing. */
  async firstProblem(
    names: readonly string[],
  ): Promise<{ readonly name: string; readonly problem: string } | null> {
    const each = [...new Set(names)];
    for (let at = 0; at < each.length; at += AT_ONCE) {
      const group = each.slice(at, at + AT_ONCE);
      const problems = await Promise.all(group.map((name) => this.problemOf(name)));
      const wrong = problems.findIndex((one) => one !== null);
      const [name, problem] = [group[wrong], problems[wrong]];
      if (name !== undefined && typeof problem === 'string') return { name, problem };
    }
    return null;
  }

  private async problemOf(name: string): Promise<string | null> {
    const parts = name.split('/');
    // What is not a plain way down is for the whole examination to judge.
    if (
      parts.some(
        (part) => part === '' || part === '.' || part === '..' || part.includes('\\') || part.includes('\0'),
      )
    )
      return fileProblem(this.folder, name);
    const way = await this.wayTo(parts.slice(0, -1));
    if (way === 'missing') return null;
    if (way === 'plain') {
      const found = await this.look(name);
      if (found === 'missing' || found === 'file') return null;
    }
    return fileProblem(this.folder, name);
  }

  private wayTo(parts: readonly string[]): Promise<Way> {
    if (parts.length === 0) return Promise.resolve('plain');
    const key = parts.join('/');
    const known = this.ways.get(key) ?? this.examine(parts, key);
    this.ways.set(key, known);
    return known;
  }

  private async examine(parts: readonly string[], key: string): Promise<Way> {
    const above = await this.wayTo(parts.slice(0, -1));
    if (above !== 'plain') return above;
    const found = await this.look(key);
    return found === 'folder' ? 'plain' : found === 'missing' ? 'missing' : 'other';
  }

  private async look(name: string): Promise<'file' | 'folder' | 'missing' | 'other'> {
    try {
      const stats = await lstat(join(this.folder, name));
      return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
    } catch (error) {
      return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'missing' : 'other';
    }
  }
}
