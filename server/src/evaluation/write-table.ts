/** A finished table: the same bytes from the same rows, on whichever machines they were computed. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { throwIfAborted } from '../errors';
import { outputError } from '../report/output-error';
import { ownedName } from '../system/owner';
import type { EvaluationPlace } from '../../../protocol/evaluation';
import type { PartHead } from './head';
import type { Place } from './place';
import { FILES } from './place';
import type { Row } from './row';
import { writePlace } from './run-file';
import { columnsOf } from './table/columns';
import { csvHeader, csvLine } from './table/csv';
import { rowsOf } from './table/journal';
import { ParquetTable } from './table/parquet';

/** What else is written about the rows; see summary/. */
export interface Observer {
  see(row: Row): void;
  write(folder: string): Promise<void>;
}

/**
 * Writes CSV, Parquet and the files of `observer` beside the final place, then renames.
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
  const folder = join(place.output, `${ownedName(`.${place.name}.`)}new`);
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
  const csv = createWriteStream(join(folder, FILES.csv), { flags: 'wx' });
  const parquet = await ParquetTable.create(
    join(folder, FILES.parquet),
    columns,
    Math.max(64, head.classes.length),
  );
  try {
    csv.write(csvHeader(columns));
    for await (const row of rowsOf(rows)) {
      throwIfAborted(signal);
      if (!csv.write(csvLine(row, columns))) await once(csv, 'drain');
      await parquet.add(row);
      observer.see(row);
    }
  } catch (thrown) {
    parquet.close();
    csv.destroy();
    throw thrown;
  }
  await parquet.finish();
  csv.end();
  await finished(csv);
}
