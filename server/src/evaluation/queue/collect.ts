/** Collects workers' results into the evaluation's folder, one file for each job, until all are there. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LensError } from '../../errors';
import type { Row } from '../row';
import { parseRow } from '../table/journal';
import { TextFile } from '../table/text-file';
import { rangeOfJob, type Plan } from './plan';

export class Collected {
  private readonly there = new Set<number>();

  private constructor(
    private readonly folder: string,
    private readonly plan: Pick<Plan, 'jobSize' | 'jobs' | 'head'>,
  ) {}

  /** Includes what an earlier run has collected. */
  static async open(folder: string, plan: Pick<Plan, 'jobSize' | 'jobs' | 'head'>): Promise<Collected> {
    await mkdir(folder, { recursive: true });
    const collected = new Collected(folder, plan);
    for (const name of await readdir(folder)) {
      const [, job] = /^(\d+)\.jsonl$/.exec(name) ?? [];
      if (job !== undefined && Number(job) < plan.jobs) collected.there.add(Number(job));
      else await rm(join(folder, name), { force: true });
    }
    return collected;
  }

  has(job: number): boolean {
    return this.there.has(job);
  }

  get jobs(): number {
    return this.there.size;
  }

  get pictures(): number {
    let sum = 0;
    for (const job of this.there) {
      const { from, to } = rangeOfJob(this.plan, job);
      sum += to - from;
    }
    return sum;
  }

  /**
   * Writes the rows of a job to disk, before Redis may drop them.
   * @param pathOf the picture of a row of this evaluation
   * @returns the rows; none for a job that was collected before
   * @throws LensError of kind `output` for rows of another job
   */
  async keep(
    job: number,
    lines: string,
    pathOf: (row: number) => string | undefined,
  ): Promise<readonly Row[]> {
    if (this.there.has(job)) return [];
    const rows = rowsIn(lines);
    const { from, to } = rangeOfJob(this.plan, job);
    const isRight =
      rows !== null &&
      rows.length === to - from &&
      rows.every(({ index, path }, at) => index === from + at && path === pathOf(index));
    if (!isRight)
      throw new LensError(
        'output',
        `Job ${job} of the queue: expected rows ${from} to ${to - 1}, found others.`,
        {
          fix: 'Something else writes to this queue.',
          remedies: ['other-queue'],
        },
      );
    const path = this.path(job);
    const file = await open(`${path}.new`, 'w');
    try {
      await file.writeFile(lines);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    this.there.add(job);
    return rows;
  }

  /** All rows in order. */
  async join(path: string): Promise<void> {
    const out = await TextFile.create(path, 'w');
    try {
      for (let job = 0; job < this.plan.jobs; job++) await out.write(await readFile(this.path(job), 'utf8'));
      await out.finish();
    } catch (thrown) {
      await out.abandon();
      throw thrown;
    }
  }

  private path(job: number): string {
    return join(this.folder, `${job}.jsonl`);
  }
}

function rowsIn(lines: string): readonly Row[] | null {
  try {
    return lines.trimEnd().split('\n').map(parseRow);
  } catch {
    return null;
  }
}
