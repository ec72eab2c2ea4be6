/** Opens finished evaluations for a view. The last ones are cached, since a view asks for many of their pictures. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileProblem, readFileBelow } from '../../../../files/regular-file';
import type { OpenedEvaluation, Summary } from '../../../../protocol/evaluation';
import { LensError } from '../../errors';
import { FILES, readHead } from '../place';
import type { TableHead } from '../row';
import { readPlace } from '../run-file';
import { SUMMARY } from '../summary/summary';
import { shownRows } from '../table/brief';
import { ShownTable } from './table';

const MOST_SUMMARY_BYTES = 256 * 2 ** 20;
/** Evaluations that are cached. */
const MOST_CACHED = 2;

interface Kept {
  readonly folder: string;
  /** Size and time of its rows. */
  readonly stamp: string;
  readonly head: TableHead;
  readonly table: ShownTable;
}

export class OpenTables {
  private kept: readonly Kept[] = [];

  /** @throws LensError of kind `usage` where the folder holds no finished evaluation */
  async open(folder: string, signal?: AbortSignal): Promise<OpenedEvaluation> {
    const { head, table } = await this.of(folder, signal);
    const { model, device, kind, classes, threshold, method, lens } = head;
    return {
      ...{ folder, model, device, kind, classes, threshold, method, lens },
      place: await readPlace(folder),
      summary: await summaryIn(folder),
      columns: table.all(),
    };
  }

  async of(folder: string, signal?: AbortSignal): Promise<Kept> {
    const found = await stat(join(folder, FILES.rows)).catch(() => null);
    const problem = await fileProblem(folder, FILES.rows);
    const part = found === null || problem !== null ? null : await readHead(folder);
    if (found === null || part === null) throw noEvaluation(folder);
    const stamp = `${found.size} ${found.mtimeMs}`;
    const known = this.kept.find((each) => each.folder === folder && each.stamp === stamp);
    if (known !== undefined) return known;
    const rows = await shownRows(folder, found.size);
    const table = await ShownTable.read(folder, part.head, rows, signal);
    const read = { folder, stamp, head: part.head, table };
    this.kept = [read, ...this.kept.filter((each) => each.folder !== folder)].slice(0, MOST_CACHED);
    return read;
  }
}

export async function summaryIn(folder: string): Promise<Summary> {
  try {
    const text = await readFileBelow(folder, SUMMARY, MOST_SUMMARY_BYTES);
    const summary = JSON.parse(text.toString('utf8')) as Summary;
    if (Array.isArray(summary.layers) && Array.isArray(summary.charts)) return summary;
  } catch {
    // Reported below.
  }
  throw noEvaluation(folder);
}

export const noEvaluation = (folder: string): LensError =>
  new LensError(
    'usage',
    `${folder}: expected a finished evaluation (${FILES.head}, ${FILES.rows} and ${SUMMARY}), found none of this version.`,
    { fix: 'Evaluate the set again, or open the folder that an evaluation has written.' },
  );
