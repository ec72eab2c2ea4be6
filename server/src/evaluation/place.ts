/**
 * The folders of an evaluation: `OUTPUT/evaluation` or `OUTPUT/shard-i-of-n`, which appear whole; while it runs, `OUTPUT/.NAME.partial` with
 * its rows so far, from which an interrupted evaluation resumes.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFileBelow } from '../../../files/regular-file';
import { LensError } from '../errors';
import { outputError } from '../report/output-error';
import { removeAbandoned } from '../system/abandoned';
import { withLock } from '../system/file-lock';
import { makeFolders } from '../system/make-folders';
import { ownedName } from '../../../files/owner';
import type { PartHead } from './head';
import { difference } from './head';
import type { EvaluationHooks } from './request';
import type { Row } from './row';
import { Journal, linesOf, parseRow } from './table/journal';
import { shardName } from './shard';

export const FILES = {
  head: 'head.json',
  rows: 'rows.jsonl',
  brief: 'rows.brief.jsonl',
  csv: 'rows.csv',
  parquet: 'rows.parquet',
  run: 'run.json',
} as const;

/** Most bytes of a head, which lists classes and a lens. */
const MOST_HEAD_BYTES = 64 * 2 ** 20;

export class Place {
  readonly name: string;

  constructor(
    readonly output: string,
    private readonly part: PartHead,
  ) {
    this.name = part.shard === null ? 'evaluation' : shardName(part.shard);
  }

  get final(): string {
    return join(this.output, this.name);
  }

  get partial(): string {
    return join(this.output, `.${this.name}.partial`);
  }

  get lock(): string {
    return join(this.output, `.${this.name}.lock`);
  }

  /**
   * Runs `work`, which fills this place, while no other process does; not where the evaluation is there already, be it that one that was
   * waited for has finished it.
   * @param replace computes it anew
   * @returns whether it was there
   * @throws LensError of kind `output`, or of kind `usage` where another evaluation is there, or something that is none
   */
  async alone(
    replace: boolean,
    work: () => Promise<void>,
    { signal, note }: Pick<EvaluationHooks, 'signal' | 'note'>,
  ): Promise<boolean> {
    const isThere = async (): Promise<boolean> => {
      await this.requireEvaluation();
      return !replace && (await this.isDone());
    };
    const waiting = (): void => note?.(`Another process works in ${this.partial}: waiting for it.`);
    try {
      await makeFolders(this.output);
      if (await isThere()) return true;
      return await withLock(
        this.lock,
        async () => {
          if (await isThere()) return true;
          await removeAbandoned(this.output, { matches: (name) => this.isUnfinished(name), ownerlessMs: 0 });
          await work();
          return false;
        },
        { signal, waiting },
      );
    } catch (thrown) {
      throw thrown instanceof Error && 'syscall' in thrown ? outputError(this.output, thrown) : thrown;
    }
  }

  /** Of a table that is being written beside the final place. */
  get unfinished(): string {
    return join(this.output, `${ownedName(`.${this.name}.`)}new`);
  }

  private isUnfinished(name: string): boolean {
    return name.startsWith(`.${this.name}.p`) && name.endsWith('-new');
  }

  /** A folder of that name may be anybody's, such as one of pictures: it is never removed. */
  private async requireEvaluation(): Promise<void> {
    const names: readonly string[] = await readdir(this.final).catch((thrown: unknown) => {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw thrown;
    });
    if (names.length === 0 || names.includes(FILES.head)) return;
    throw new LensError(
      'usage',
      `${this.final}: expected an evaluation or nothing, found a folder of something else.`,
      { fix: 'Move it elsewhere.', remedies: ['other-folder'] },
    );
  }

  /**
   * Whether this evaluation already exists.
   * @throws LensError of kind `usage` where another one is
   */
  private async isDone(): Promise<boolean> {
    if (!existsSync(this.final)) return false;
    const found = await readHead(this.final);
    const other = found === null ? null : difference(found.head, this.part.head);
    if (found !== null && other === null) return true;
    throw new LensError(
      'usage',
      other === null
        ? `${this.final} already exists, and holds no evaluation that can be read.`
        : `${this.final} already holds another evaluation, which differs in its ${other}.`,
      {
        remedies: ['other-folder', 'replace-evaluation'],
      },
    );
  }

  /**
   * Makes the folder of an unfinished evaluation, or finds that of an earlier run.
   * @param fresh begins again, whatever is there
   * @returns whether an earlier run left one
   * @throws LensError of kind `usage` where it was of something else
   */
  async begin(fresh: boolean): Promise<boolean> {
    if (fresh) await rm(this.partial, { recursive: true, force: true });
    const found = await readHead(this.partial);
    const other = found === null ? null : difference(found.head, this.part.head);
    if (other !== null) {
      throw new LensError(
        'usage',
        `${this.partial}: an unfinished evaluation is of something else: its ${other}.`,
        {
          remedies: ['other-folder', 'replace-evaluation'],
        },
      );
    }
    if (found !== null) return true;
    await rm(this.partial, { recursive: true, force: true });
    await mkdir(this.partial);
    await writeFile(join(this.partial, FILES.head), `${JSON.stringify(this.part)}\n`);
    return false;
  }

  /**
   * How much of an interrupted evaluation is good: rows whose pictures are what they were then.
   * @param fresh see `begin`
   * @param stamp of a row's picture now; see `stampOf`
   * @throws LensError as `begin`
   */
  async resume(
    fresh: boolean,
    stamp: (index: number) => Promise<string | null>,
  ): Promise<{ rows: number; bytes: number }> {
    let good = { rows: 0, bytes: 0 };
    if (!(await this.begin(fresh))) return good;
    for await (const { then, bytes } of this.stampedRows()) {
      if (then !== ((await stamp(good.rows)) ?? MISSING)) break;
      good = { rows: good.rows + 1, bytes };
    }
    return good;
  }

  /** The whole rows of an unfinished evaluation, each with the stamp that was kept with it and the length of the file up to it. */
  async *stampedRows(): AsyncGenerator<StampedRow, void, undefined> {
    const stamps = await readStamps(join(this.partial, STAMPS));
    const path = join(this.partial, FILES.rows);
    if (!existsSync(path)) return;
    let at = 0;
    for await (const { text, end } of linesOf(path)) {
      const [row, then] = [rowOrNull(text), stamps[at++]];
      if (row === null || then === undefined) return;
      yield { row, then, bytes: end };
    }
  }

  /** For the rows behind those that are good; the stamps of others are dropped. */
  async journal({ rows, bytes }: { readonly rows: number; readonly bytes: number }): Promise<Journal> {
    const path = join(this.partial, STAMPS);
    const stamps = (await readStamps(path)).slice(0, rows);
    await writeFile(path, stamps.map((line) => `${line}\n`).join(''));
    return Journal.open(join(this.partial, FILES.rows), bytes, path);
  }

  /** Puts the finished folder into its place. */
  async commit(folder: string): Promise<void> {
    await rm(this.final, { recursive: true, force: true });
    await rename(folder, this.final);
    await rm(this.partial, { recursive: true, force: true });
  }
}

export interface StampedRow {
  readonly row: Row;
  readonly then: string;
  readonly bytes: number;
}

/** One line for each row: size and times of its picture as it was read, or its frame's number. No part of the table, which is the same on every machine. */
export const STAMPS = 'stamps.txt';
const MISSING = '-';

/** Null for a missing file. The time of its last change of status says also that it may be read now, or was replaced by one of its age. */
export async function stampOf(file: string): Promise<string | null> {
  const found = await stat(file).catch(() => null);
  return found === null ? null : `${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
}

export const stampLine = (stamp: string | null): string => `${stamp ?? MISSING}\n`;

async function readStamps(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').slice(0, -1);
}

function rowOrNull(text: string): Row | null {
  try {
    return parseRow(text);
  } catch {
    return null;
  }
}

const areTexts = (values: unknown): boolean =>
  Array.isArray(values) && values.every((value) => typeof value === 'string');

/** Null if none can be read. */
export async function readHead(folder: string): Promise<PartHead | null> {
  try {
    const text = await readFileBelow(folder, FILES.head, MOST_HEAD_BYTES);
    const part = JSON.parse(text.toString('utf8')) as PartHead;
    const { head, shard } = part;
    const isShard =
      shard === null || (Number.isSafeInteger(shard.index) && Number.isSafeInteger(shard.count));
    const isHead =
      areTexts(head.classes) &&
      areTexts(head.layers) &&
      areTexts([head.model.name, head.model.sha256, head.model.architecture]) &&
      Array.isArray(head.lens) &&
      (head.threshold === null || Number.isFinite(head.threshold)) &&
      Number.isSafeInteger(head.set.count);
    return isShard && isHead ? part : null;
  } catch {
    return null;
  }
}
