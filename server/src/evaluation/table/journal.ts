/** Rows as JSON lines: what an evaluation has found so far, and what machines exchange. A line that was torn off is no row. */
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, truncate } from 'node:fs/promises';
import type { Row } from '../row';

/** JSON has no NaN and no infinity: these are spelt out, and read back as numbers. */
const SPELT: ReadonlyMap<unknown, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

export const rowLine = (row: Row): string =>
  `${JSON.stringify(row, (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value))}\n`;

/** @throws SyntaxError for text that is no JSON, TypeError for JSON that is no row */
export function parseRow(line: string): Row {
  const row = JSON.parse(line) as Row | null;
  const isRow =
    row !== null &&
    Number.isSafeInteger(row.index) &&
    typeof row.path === 'string' &&
    Array.isArray(row.heat) &&
    Array.isArray(row.health) &&
    Array.isArray(row.warnings);
  if (!isRow) throw new TypeError('no row of an evaluation');
  const number = (value: number | null): number | null =>
    typeof value === 'string' ? (SPELT.get(value) ?? null) : value;
  return {
    ...row,
    confidence: number(row.confidence),
    loss: number(row.loss),
    probabilities: row.probabilities?.map((value) => number(value) ?? NaN) ?? null,
  };
}

interface Line {
  readonly text: string;
  /** Bytes of the file up to and with this line. */
  readonly end: number;
}

/** Whole lines only. */
export async function* linesOf(path: string): AsyncGenerator<Line, void, undefined> {
  let waiting: Buffer[] = [];
  let end = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...waiting, chunk.subarray(from, at)]);
      waiting = [];
      end += line.length + 1;
      from = at + 1;
      yield { text: line.toString('utf8'), end };
    }
    waiting.push(chunk.subarray(from));
  }
}

export async function* rowsOf(path: string): AsyncGenerator<Row, void, undefined> {
  for await (const { text } of linesOf(path)) yield parseRow(text);
}

/** Appends rows to a file, behind what is good of it. */
export class Journal {
  private constructor(private readonly file: FileHandle) {}

  /** @param length bytes that are kept */
  static async open(path: string, length: number): Promise<Journal> {
    if (length > 0) await truncate(path, length);
    return new Journal(await open(path, length > 0 ? 'a' : 'w'));
  }

  async add(row: Row): Promise<void> {
    await this.file.appendFile(rowLine(row));
  }

  async close(): Promise<void> {
    await this.file.sync();
    await this.file.close();
  }
}
