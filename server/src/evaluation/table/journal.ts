/** Rows as JSON lines: the results so far, and what machines exchange. An incomplete line is not a row. */
import type { FileHandle } from 'node:fs/promises';
import { open, truncate } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FileRefusal, openFileAt } from '../../../../files/regular-file';
import { LensError } from '../../errors';
import type { Row } from '../row';

/** JSON has no NaN and no infinity: these are spelled out, and read back as numbers. */
const SPELLED: ReadonlyMap<unknown, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

export const rowLine = (row: Row): string =>
  `${JSON.stringify(row, (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value))}\n`;

/** @throws SyntaxError for text that is not JSON, TypeError for JSON that is not a row */
export function parseRow(line: string): Row {
  const row = JSON.parse(line) as Row | null;
  const isRow =
    row !== null &&
    Number.isSafeInteger(row.index) &&
    typeof row.path === 'string' &&
    Array.isArray(row.heat) &&
    Array.isArray(row.health) &&
    Array.isArray(row.warnings) &&
    (row.moment === undefined || Number.isFinite(row.moment.time));
  if (!isRow) throw new TypeError('no row of an evaluation');
  const number = (value: number | null): number | null =>
    typeof value === 'string' ? (SPELLED.get(value) ?? null) : value;
  return {
    ...row,
    confidence: number(row.confidence),
    loss: number(row.loss),
    probabilities: row.probabilities?.map((value) => number(value) ?? NaN) ?? null,
  };
}

const PROBABILITIES = '"probabilities":[';

/**
 * A row as `rowLine` writes it without its probabilities, which are most of it with a thousand classes and take seconds to parse. No text in a row holds
 * the key, since quotes within texts are escaped. What is written in another way stays as it is.
 */
export function withoutProbabilities(line: string): string {
  const from = line.indexOf(PROBABILITIES);
  const end = from < 0 ? -1 : line.indexOf(']', from);
  return end < 0 ? line : `${line.slice(0, from)}"probabilities":null${line.slice(end + 1)}`;
}

interface Line {
  readonly text: string;
  /** Bytes of the file up to the end of this line. */
  readonly end: number;
}

const CHUNK = 1 << 18;
/** Of one row, which has 3 MB with 100,000 classes. */
const MOST_LINE_BYTES = 64 * 2 ** 20;

/**
 * Whole lines only. Rows may come from anyone: pipes are refused, and the memory of a line is bounded.
 * @param folder that the file has to lie below; undefined where it may lie anywhere
 * @throws LensError of kind `usage` if the file cannot be read
 */
export async function* linesOf(path: string, folder?: string): AsyncGenerator<Line, void, undefined> {
  const file = await openFileAt(resolve(path), folder).catch((thrown: unknown) => {
    throw thrown instanceof FileRefusal ? noRows(path, thrown.message) : thrown;
  });
  try {
    let waiting: Buffer[] = [];
    let [end, held] = [0, 0];
    for (let offset = 0; offset < file.bytes; offset += CHUNK) {
      const chunk = await file.read(offset, Math.min(CHUNK, file.bytes - offset));
      let from = 0;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        const line = Buffer.concat([...waiting, chunk.subarray(from, at)]);
        [waiting, held] = [[], 0];
        end += line.length + 1;
        from = at + 1;
        yield { text: line.toString('utf8'), end };
      }
      waiting.push(chunk.subarray(from));
      held += chunk.length - from;
      if (held > MOST_LINE_BYTES) throw noRows(path, 'found a line of more than 64 MiB');
    }
  } finally {
    await file.close();
  }
}

const noRows = (path: string, found: string): LensError =>
  new LensError('usage', `${path}: expected the rows of an evaluation, ${found}.`, {
    fix: 'Evaluate the set again to get new ones.',
  });

export async function* rowsOf(path: string, folder?: string): AsyncGenerator<Row, void, undefined> {
  for await (const { text } of linesOf(path, folder)) yield parseRow(text);
}

/** Appends rows to a file, after its valid part. */
export class Journal {
  private constructor(
    private readonly file: FileHandle,
    private readonly stamps: FileHandle,
  ) {}

  /**
   * @param path of the rows @param length of the valid part in bytes
   * @param stamps path of a file that has as many lines as there are valid rows
   */
  static async open(path: string, length: number, stamps: string): Promise<Journal> {
    if (length > 0) await truncate(path, length);
    const file = await open(path, length > 0 ? 'a' : 'w');
    try {
      return new Journal(file, await open(stamps, 'a'));
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
  }

  /** @param stamp with its newline; written first, as a row without one is computed again */
  async add(row: Row, stamp: string): Promise<void> {
    await this.stamps.appendFile(stamp);
    await this.file.appendFile(rowLine(row));
  }

  async close(): Promise<void> {
    await this.stamps.close();
    await this.file.sync();
    await this.file.close();
  }
}
