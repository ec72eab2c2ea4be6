/**
 * Rows without their probabilities, beside the rows: with thousands of classes these are nearly all of a gigabyte, which takes seconds to read, and a
 * view shows none of them. The first line has the size of the file of rows that they were made from.
 */
import { join } from 'node:path';
import { FileRefusal, withFile } from '../../../../files/regular-file';
import { FILES } from '../place';
import type { Row, TableHead } from '../row';
import { MOST_CLASS_COLUMNS } from './columns';
import { rowLine } from './journal';
import { TextFile } from './text-file';

/** Where the rows of a view are. */
export interface ShownRows {
  readonly name: string;
  /** Bytes before the first row: none, or a line. */
  readonly from: number;
}

const firstLine = (bytes: number): string => `{"rowsBytes":${bytes}}\n`;

/** Null for a table that is as short with its probabilities. @param bytes of the file of rows */
export async function createBrief(
  folder: string,
  { classes }: Pick<TableHead, 'classes'>,
  bytes: number,
): Promise<TextFile | null> {
  if (classes.length <= MOST_CLASS_COLUMNS) return null;
  const file = await TextFile.create(join(folder, FILES.brief));
  await file.write(firstLine(bytes));
  return file;
}

export const briefLine = (row: Row): string => rowLine({ ...row, probabilities: null });

/** The brief ones, unless there are none, or they were made from other rows. @param bytes of the file of rows now */
export async function shownRows(folder: string, bytes: number): Promise<ShownRows> {
  const expected = firstLine(bytes);
  const all = { name: FILES.rows, from: 0 };
  try {
    const found = await withFile(folder, FILES.brief, Infinity, ({ read, bytes: length }) =>
      read(0, Math.min(length, expected.length)),
    );
    return found.toString('latin1') === expected ? { name: FILES.brief, from: expected.length } : all;
  } catch (thrown) {
    if (thrown instanceof FileRefusal) return all;
    throw thrown;
  }
}
