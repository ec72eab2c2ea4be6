/** Rows as Parquet, a row group at a time, so that memory does not grow with the table. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { ParquetWriter } from 'hyparquet-writer';
import type { Row } from '../row';
import type { Cell, Column } from './columns';

/** Most values that are held before a row group is written. */
const MOST_CELLS = 250_000;
const MOST_ROWS = 2_000;

type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema'];

export class ParquetTable {
  private rows: Row[] = [];
  private readonly groupSize: number;

  private constructor(
    private readonly writer: ParquetWriter,
    private readonly columns: readonly Column[],
    private readonly fd: number,
    cellsOfRow: number,
  ) {
    this.groupSize = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_CELLS / cellsOfRow)));
  }

  /** @param listLength of the longest list in a row */
  static async create(path: string, columns: readonly Column[], listLength: number): Promise<ParquetTable> {
    const { ByteWriter, ParquetWriter: Writer } = await import('hyparquet-writer');
    const fd = openSync(path, 'wx');
    const bytes = new ByteWriter();
    const flush = (): void => {
      const waiting = new Uint8Array(bytes.buffer, 0, bytes.index);
      for (let done = 0; done < waiting.length;) done += writeSync(fd, waiting, done);
      bytes.index = 0;
    };
    const writer = new Writer({
      writer: Object.assign(bytes, { flush, finish: flush }),
      schema: schemaOf(columns),
      createdBy: 'inference-lens',
    });
    const lists = columns.filter(({ type }) => type === 'list').length;
    return new ParquetTable(writer, columns, fd, columns.length + lists * listLength);
  }

  async add(row: Row): Promise<void> {
    this.rows.push(row);
    if (this.rows.length >= this.groupSize) await this.flush();
  }

  async finish(): Promise<void> {
    await this.flush();
    await this.writer.finish();
  }

  close(): void {
    closeSync(this.fd);
  }

  private async flush(): Promise<void> {
    const { rows } = this;
    if (rows.length === 0) return;
    this.rows = [];
    await this.writer.write({
      columnData: this.columns.map(({ name, of }) => ({ name, data: rows.map((row) => mutable(of(row))) })),
      rowGroupSize: rows.length,
    });
  }
}

const mutable = (cell: Cell): string | number | boolean | number[] | null =>
  typeof cell === 'object' && cell !== null ? [...cell] : cell;

function schemaOf(columns: readonly Column[]): Schema {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.flatMap(({ name, type }): Schema => {
      const optional = { name, repetition_type: 'OPTIONAL' } as const;
      switch (type) {
        case 'text':
        case 'path':
          return [{ ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8' }];
        case 'integer':
          return [{ ...optional, type: 'INT32' }];
        case 'real':
          return [{ ...optional, type: 'DOUBLE' }];
        case 'boolean':
          return [{ ...optional, type: 'BOOLEAN' }];
        case 'list':
          return [
            { ...optional, converted_type: 'LIST', num_children: 1 },
            { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
            { name: 'element', repetition_type: 'OPTIONAL', type: 'DOUBLE' },
          ];
      }
    }),
  ];
}
