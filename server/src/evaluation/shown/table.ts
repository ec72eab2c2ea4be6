/** The rows of a finished evaluation for a view: all rows column by column, and single rows on request. */
import { join } from 'node:path';
import { withFile } from '../../../../files/regular-file';
import type { AttentionColumns, EvaluationColumns } from '../../../../protocol/evaluation';
import { LensError, throwIfAborted } from '../../errors';
import { real } from '../../pipeline/steps/tensor';
import { FILES } from '../place';
import type { HeatSummary, Row, TableHead } from '../row';
import type { ShownRows } from '../table/brief';
import { linesOf, parseRow, withoutProbabilities } from '../table/journal';

/** Most rows that a view holds, about 40 MB. The files have all. */
export const MOST_ROWS = 200_000;

type Share = 'border' | 'box' | 'face' | 'mask';
type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

export class ShownTable {
  /** Byte offsets of each row, and of the end. */
  private readonly ends: number[];
  private readonly labels = new Map<string, number>();
  private readonly columns: Mutable<Omit<EvaluationColumns, 'labels' | 'attention'>> = {
    ...{
      path: [],
      label: [],
      labelClass: [],
      predicted: [],
      correct: [],
      confidence: [],
      loss: [],
      warnings: [],
      errors: [],
    },
  };
  private readonly shares: readonly Record<Share, (number | null)[]>[];

  private constructor(
    private readonly folder: string,
    private readonly head: TableHead,
    private readonly rows: ShownRows,
  ) {
    this.ends = [rows.from];
    this.shares = head.layers.map(() => ({ border: [], box: [], face: [], mask: [] }));
  }

  /** @throws LensError of kind `usage` if a line is not a row */
  static async read(
    folder: string,
    head: TableHead,
    rows: ShownRows,
    signal?: AbortSignal,
  ): Promise<ShownTable> {
    const table = new ShownTable(folder, head, rows);
    for await (const { text, end } of linesOf(join(folder, rows.name), folder)) {
      throwIfAborted(signal);
      if (end <= rows.from) continue;
      if (table.length === MOST_ROWS) break;
      table.add(table.parsed(withoutProbabilities(text), table.length));
      table.ends.push(end);
    }
    return table;
  }

  get length(): number {
    return this.ends.length - 1;
  }

  all(): EvaluationColumns {
    const { attentionBox, attentionMask, layers } = this.head;
    return {
      ...this.columns,
      labels: [...this.labels.keys()],
      attention: layers.flatMap((layer, at): readonly AttentionColumns[] => {
        const shares = this.shares[at];
        if (shares === undefined) return [];
        const face = shares.face.some((share) => share !== null) ? shares.face : null;
        const box = attentionBox === null ? null : shares.box;
        return [{ layer, border: shares.border, box, face, mask: attentionMask ? shares.mask : null }];
      }),
    };
  }

  /** Without its probabilities. @throws LensError of kind `usage` if there is no such row */
  async row(index: number): Promise<Row> {
    const [from, to] = [this.ends[index], this.ends[index + 1]];
    if (from === undefined || to === undefined)
      throw new LensError('usage', `${this.folder}: expected a row below ${this.length}, found ${index}.`, {
        fix: 'Open the evaluation again.',
      });
    const bytes = await withFile(this.folder, this.rows.name, Infinity, ({ read }) =>
      read(from, to - from - 1),
    );
    return this.parsed(withoutProbabilities(bytes.toString('utf8')), index);
  }

  /** Probabilities of one class for each row; null where a row has none. */
  async probabilities(of: number, signal?: AbortSignal): Promise<readonly (number | null)[]> {
    const found: (number | null)[] = [];
    for await (const { text } of linesOf(join(this.folder, FILES.rows), this.folder)) {
      throwIfAborted(signal);
      if (found.length === this.length) break;
      const value = this.parsed(text, found.length, FILES.rows).probabilities?.[of];
      found.push(value !== undefined && Number.isFinite(value) ? value : null);
    }
    return found;
  }

  private parsed(text: string, index: number, name = this.rows.name): Row {
    try {
      return parseRow(text);
    } catch (thrown) {
      const line = index + (name === FILES.brief ? 2 : 1);
      throw new LensError(
        'usage',
        `${join(this.folder, name)}: expected a row on line ${line}, found something else.`,
        { fix: 'Evaluate the set again.', cause: thrown },
      );
    }
  }

  private add(row: Row): void {
    const { columns } = this;
    const at = this.length;
    columns.path.push(row.path);
    columns.label.push(row.label === null ? -1 : this.labelled(row.label));
    columns.labelClass.push(row.labelIndex ?? -1);
    columns.predicted.push(row.predictedIndex ?? -1);
    columns.correct.push(row.correct === null ? -1 : row.correct ? 1 : 0);
    columns.confidence.push(
      row.confidence !== null && Number.isFinite(row.confidence) ? row.confidence : null,
    );
    columns.loss.push(row.loss === null ? null : real(row.loss));
    if (row.warnings.length > 0) columns.warnings.push([at, row.warnings]);
    if (row.error !== null) columns.errors.push([at, row.error]);
    this.shares.forEach((lists, layer) => {
      const heat: HeatSummary | null = row.heat[layer] ?? null;
      for (const key of ['border', 'box', 'face', 'mask'] as const) lists[key].push(heat?.[key] ?? null);
    });
  }

  private labelled(label: string): number {
    const known = this.labels.get(label);
    if (known !== undefined) return known;
    this.labels.set(label, this.labels.size);
    return this.labels.size - 1;
  }
}
