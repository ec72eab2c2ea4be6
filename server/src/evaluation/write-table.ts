/** A finished table: the same bytes from the same rows, on whichever machines they were computed. */
import { copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '../errors';
import { outputError } from '../report/output-error';
import type { EvaluationPlace } from '../../../protocol/evaluation';
import type { PartHead } from './head';
import type { Place } from './place';
import { FILES } from './place';
import type { Row } from './row';
import { writePlace } from './run-file';
import { briefLine, createBrief } from './table/brief';
import { columnsOf } from './table/columns';
import { csvHeader, csvLine } from './table/csv';
import { rowsOf } from './table/journal';
import { ParquetTable } from './table/parquet';
import { TextFile } from './table/text-file';

/** What else is written about the rows; see summary/. */
export interface Observer {
  see(row: Row): void;
  write(folder: string): Promise<void>;
}

/**
 * Writes CSV, Parquet, brief rows and the files of `observer` beside the final place, then renames.
 * @param rows a file of JSON lines
 * @param where null if unknown
 */
export async function writeTable(
  place: Place,
  part: PartHead,
  rows: string,
  where: EvaluationPlace | null,
  observer: Observer,
  signal?: AbortSignal,
): Promise<void> {
  const folder = place.unfinished;
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await writeFile(join(folder, FILES.head), `${JSON.stringify(part)}\n`);
    if (where !== null) await writePlace(folder, where);
    await copyFile(rows, join(folder, FILES.rows));
    await writeFiles(folder, part, rows, observer, signal);
    await observer.write(folder);
    throwIfAborted(signal);
    await place.commit(folder);
  } catch (thrown) {
    await rm(folder, { recursive: true, force: true });
    throw outputError(place.final, thrown);
  }
}

async function writeFiles(
  folder: string,
  { head }: PartHead,
  rows: string,
  observer: Observer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const columns = columnsOf(head);
  const longest = Math.max(64, head.classes.length);
  const parquet = await ParquetTable.create(join(folder, FILES.parquet), columns, longest);
  const csv = await TextFile.create(join(folder, FILES.csv));
  const brief = await createBrief(folder, head, (await stat(rows)).size);
  try {
    await csv.write(csvHeader(columns));
    for await (const row of rowsOf(rows)) {
      throwIfAborted(signal);
      await csv.write(csvLine(row, columns));
      await brief?.write(briefLine(row));
      await parquet.add(row);
      observer.see(row);
    }
    await parquet.finish();
    await csv.finish();
    await brief?.finish();
  } catch (thrown) {
    await csv.abandon();
    await brief?.abandon();
    throw thrown;
  } finally {
    parquet.close();
  }
}
