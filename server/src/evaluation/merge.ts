/** Merges shards of one evaluation into one table: the same bytes as from one machine. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LensError, throwIfAborted } from '../errors';
import { outputError } from '../report/output-error';
import type { PartHead } from './head';
import { difference } from './head';
import { FILES, Place, readHead } from './place';
import type { TableHead } from './row';
import type { FinishedEvaluation } from './run';
import { readPlace } from './run-file';
import { rangeOf, type Shard } from './shard';
import { linesOf, parseRow } from './table/journal';
import { TextFile } from './table/text-file';
import type { Observer } from './write-table';
import { writeTable } from './write-table';

export interface MergeRequest {
  /** Shards, or folders that hold some. */
  readonly folders: readonly string[];
  readonly output: string;
  readonly replace: boolean;
}

interface Part {
  readonly folder: string;
  readonly head: TableHead;
  readonly shard: Shard;
}

/** Most shards that a message names. */
const NAMED = 20;

/** @throws LensError of kind `usage` that names shards that are missing, duplicated, or of another evaluation */
export async function mergeShards(
  { folders, output, replace }: MergeRequest,
  observe: (part: PartHead) => Observer,
  signal?: AbortSignal,
): Promise<FinishedEvaluation> {
  const parts = await findParts(folders);
  const [first] = parts;
  if (first === undefined) {
    throw new LensError(
      'usage',
      `${folders.join(', ')}: expected shards of an evaluation (shard-i-of-n), found none.`,
      {
        remedies: ['evaluate-shard'],
      },
    );
  }
  requireOne(parts, first);
  const whole: PartHead = { head: first.head, shard: null };
  const place = new Place(output, whole);
  const wasThere = await place.alone(
    replace,
    async () => {
      const folder = `${place.partial}.merge`;
      try {
        await rm(folder, { recursive: true, force: true });
        await mkdir(folder);
        const rows = join(folder, FILES.rows);
        await joinRows(parts, rows, signal);
        await writeTable(place, whole, rows, await readPlace(first.folder), observe(whole), signal);
      } catch (thrown) {
        throw outputError(place.final, thrown);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    signal === undefined ? {} : { signal },
  );
  return { folder: place.final, head: first.head, wasThere };
}

async function findParts(folders: readonly string[]): Promise<readonly Part[]> {
  const found: Part[] = [];
  for (const folder of folders) {
    const names = existsSync(join(folder, FILES.head))
      ? [folder]
      : (await readdir(folder).catch(() => []))
          .filter((name) => /^shard-\d+-of-\d+$/.test(name))
          .sort()
          .map((name) => join(folder, name));
    for (const path of names) {
      const part = await readHead(path);
      if (part === null) throw unusable(path, 'no head that can be read');
      if (part.shard === null) throw unusable(path, 'a whole evaluation');
      found.push({ folder: path, head: part.head, shard: part.shard });
    }
  }
  return found.sort((a, b) => a.shard.index - b.shard.index);
}

const unusable = (path: string, found: string): LensError =>
  new LensError('usage', `${path}: expected a shard of an evaluation, found ${found}.`, {
    fix: 'Evaluate this shard again, or name only the folders of the shards.',
  });

function requireOne(parts: readonly Part[], first: Part): void {
  const { count } = first.shard;
  for (const { folder, head, shard } of parts) {
    const other =
      shard.count === count ? difference(first.head, head) : `number of shards (${count} and ${shard.count})`;
    if (other !== null) {
      throw new LensError(
        'usage',
        `${first.folder} and ${folder} belong to different evaluations: they differ in their ${other}.`,
        {
          fix: 'Evaluate both with the same pictures, weights, options and version.',
        },
      );
    }
  }
  const byIndex = new Map<number, string[]>();
  for (const { folder, shard } of parts)
    byIndex.set(shard.index, [...(byIndex.get(shard.index) ?? []), folder]);
  const doubled = [...byIndex].filter(([, folders]) => folders.length > 1);
  const missing = Array.from({ length: count }, (_, i) => i + 1).filter((index) => !byIndex.has(index));
  if (doubled.length === 0 && missing.length === 0) return;
  const faults = [
    ...(missing.length === 0 ? [] : [`missing ${list(missing.map((index) => `${index}/${count}`))}`]),
    ...doubled.map(
      ([index, folders]) => `${index}/${count} is there ${folders.length} times (${list(folders)})`,
    ),
  ];
  throw new LensError(
    'usage',
    `Expected each of ${count} shards once, found ${parts.length}: ${faults.join('; ')}.`,
    {
      ...(missing.length > 0
        ? { remedies: ['evaluate-shard'] as const }
        : { fix: 'Each shard may be given once.' }),
    },
  );
}

const list = (names: readonly string[]): string =>
  names.length <= NAMED
    ? names.join(', ')
    : `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`;

/** Joins the rows in order. @throws LensError of kind `usage` for a shard with other rows than its range */
async function joinRows(
  parts: readonly Part[],
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const out = await TextFile.create(path);
  try {
    for (const { folder, head, shard } of parts) {
      const { from, to } = rangeOf(shard, head.set.count);
      let next = from;
      for await (const { text } of linesOf(join(folder, FILES.rows))) {
        throwIfAborted(signal);
        if (indexIn(text, folder, next - from) !== next || next >= to)
          throw unusable(folder, `row ${next - from + 1} out of place`);
        next += 1;
        await out.write(`${text}\n`);
      }
      if (next !== to) throw unusable(folder, `${next - from} rows of ${to - from}`);
    }
    await out.finish();
  } catch (thrown) {
    await out.abandon();
    throw thrown;
  }
}

function indexIn(text: string, folder: string, row: number): number {
  try {
    return parseRow(text).index;
  } catch (thrown) {
    throw new LensError(
      'usage',
      `${join(folder, FILES.rows)}: expected a row on line ${row + 1}, found something else.`,
      {
        fix: 'Evaluate this part again.',
        cause: thrown,
      },
    );
  }
}
