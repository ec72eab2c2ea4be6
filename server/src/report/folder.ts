/** The report folder: written beside its place under a temporary name, then renamed whole, or removed. */

import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LensError, cancelled, throwIfAborted } from '../errors';
import { ProcessLog } from './log';
import { makeFolders } from '../system/make-folders';
import { renameHeld } from '../system/rename-held';
import { outputError } from './output-error';
import { processId } from './process-id';
import { isPartialOf, partialName, removeStale } from './stale';

export interface ReportPlace {
  /** Folder that holds the reports; made if missing. */
  readonly output: string;
  readonly pipeline: string;
  readonly imagePath: string;
  /** Start of the analysis, milliseconds since 1970; part of the process id. */
  readonly startedAt: number;
  /** Log lines from before there was a folder; without them, the folder starts a log of its own. */
  readonly log?: ProcessLog;
  readonly signal?: AbortSignal | undefined;
}

/** How many reports of one image may start within one second before something is plainly wrong. */
const MAX_COLLISIONS = 1000;

/**
 * Claims a process id, hands `write` the folder, and renames it into place when `write` returns. On any
 * failure or on cancellation everything that was made is removed again and the error is rethrown. A process
 * id is never reused: the second claim in the same second, in this or another process, gets `_2`, the third
 * `_3`.
 *
 * Returns what `write` returned and the final path of the `result` folder.
 * Throws a LensError of kind `output` where the file system refuses, naming the path and what to do.
 */
export async function writeReportFolder<T>(
  place: ReportPlace,
  write: (folder: ReportFolder) => Promise<T>,
): Promise<{ readonly value: T; readonly path: string }> {
  throwIfAborted(place.signal);
  const folder = await ReportFolder.claim(place);
  try {
    const value = await write(folder);
    throwIfAborted(place.signal);
    return { value, path: await folder.commit() };
  } catch (error) {
    await folder.discard();
    throw error;
  }
}

/** A claimed, unfinished report. */
export class ReportFolder {
  /** Sizes of the files written so far, by path relative to `path`. */
  private readonly written = new Map<string, number>();
  private readonly folders = new Set<string>();
  private closed = false;

  private constructor(
    readonly processId: string,
    private readonly output: string,
    private readonly partial: string,
    /** The outermost folder that had to be made for `output`, if any. */
    private readonly madeFrom: string | undefined,
    /** Lines of `process.log`, which is written last. */
    readonly log: ProcessLog,
  ) {}

  /** Where files are written until the report is complete. */
  get path(): string {
    return join(this.partial, 'result');
  }

  /** Where they will be. */
  get finalPath(): string {
    return join(this.output, this.processId, 'result');
  }

  static async claim(place: ReportPlace): Promise<ReportFolder> {
    const output = resolve(place.output);
    const base = processId(place.pipeline, place.imagePath, place.startedAt);
    let madeFrom: string | undefined;
    try {
      madeFrom = await makeFolders(output);
      await removeStale(output);
      for (let n = 1; n <= MAX_COLLISIONS; n++) {
        const id = n === 1 ? base : `${base}_${n}`;
        const partial = join(output, partialName(id));
        if (!claimed(output, id, partial)) continue;
        const folder = new ReportFolder(id, output, partial, madeFrom, place.log ?? new ProcessLog());
        try {
          await mkdir(folder.path);
        } catch (error) {
          await folder.discard();
          throw error;
        }
        return folder;
      }
    } catch (error) {
      await removeMade(output, madeFrom);
      throw outputError(output, error);
    }
    throw new LensError('output', `${output}: ${MAX_COLLISIONS} reports named ${base} exist already.`, {
      remedies: ['other-folder'],
    });
  }

  /**
   * Writes one file; `relative` uses forward slashes. Folders are made one below the other, never above the report's
   * own, so that a folder deleted meanwhile is an error and not quietly made again.
   */
  write(relative: string, content: Uint8Array | string): Promise<void> {
    return new Promise((resolve) => {
      this.writeNow(relative, content);
      resolve();
    });
  }

  /** Makes the folders of files that are to come. What cannot be made now is said when its file is written. */
  prepare(files: readonly string[]): void {
    if (this.closed) return;
    try {
      for (const file of files) this.makeFolder(dirname(file));
    } catch {
      return;
    }
  }

  /**
   * Synchronously: the system copies a file into its cache faster than a thread of Node's pool is started and
   * reports back (15 ms against 35 for a report's 151 files and 143 folders), and takes no core from what
   * draws meanwhile.
   */
  private writeNow(relative: string, content: Uint8Array | string): void {
    if (this.closed) throw cancelled(`${relative} came after its report had ended`);
    const target = join(this.path, relative);
    try {
      this.makeFolder(dirname(relative));
      writeFileSync(target, content, { flag: 'wx' });
    } catch (error) {
      throw outputError(target, error);
    }
    this.written.set(relative, Buffer.byteLength(content));
  }

  /** Writes the log, checks that everything is still there, and gives the report its name. Returns `finalPath`. */
  async commit(): Promise<string> {
    await this.write('process.log', this.log.text());
    this.closed = true;
    for (const [relative, size] of this.written) requireFile(join(this.path, relative), size);
    try {
      await renameHeld(this.partial, join(this.output, this.processId));
    } catch (error) {
      throw outputError(join(this.output, this.processId), error);
    }
    return this.finalPath;
  }

  /** Removes everything that was made for this report. Never throws: it runs while another error is on its way. */
  async discard(): Promise<void> {
    this.closed = true;
    await rm(this.partial, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    await removeMade(this.output, this.madeFrom);
  }

  private makeFolder(relative: string): void {
    if (relative === '.' || relative === '/' || this.folders.has(relative)) return;
    this.makeFolder(dirname(relative));
    try {
      mkdirSync(join(this.path, relative));
    } catch (error) {
      if (!isThere(error)) throw error;
    }
    this.folders.add(relative);
  }
}

const isThere = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST';

/**
 * Makes `partial`, unless the process id is taken: by a report, or by another unfinished one. Each process
 * makes its own folder first and then looks for others, so of two that come at the same time at least one
 * sees the other and takes the next id.
 */
function claimed(output: string, id: string, partial: string): boolean {
  try {
    mkdirSync(partial);
  } catch (error) {
    if (isThere(error)) return false;
    throw error;
  }
  const own = basename(partial);
  const isOnlyOne = readdirSync(output).every((name) => name === own || !isPartialOf(id, name));
  // Asked last: an unfinished one that was missed because it was being renamed has its final name by now.
  const isFree = isOnlyOne && !existsSync(join(output, id));
  if (!isFree) rmdirSync(partial);
  return isFree;
}

function requireFile(path: string, size: number): void {
  const found = statSync(path, { throwIfNoEntry: false })?.size ?? null;
  if (found === size) return;
  const what = found === null ? 'that it was removed' : `${found} bytes`;
  throw new LensError('output', `${path}: expected ${size} bytes just written, found ${what}.`, {
    fix: 'Run the analysis again and leave the output folder alone meanwhile.',
  });
}

/** Removes the folders from `output` up to `madeFrom`, as far as they are empty. */
export async function removeMade(output: string, madeFrom: string | undefined): Promise<void> {
  if (madeFrom === undefined) return;
  for (let folder = output; folder.length >= madeFrom.length; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch {
      return;
    }
  }
}
