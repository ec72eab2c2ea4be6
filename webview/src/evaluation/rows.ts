/** Which rows of a table are shown, and in which order. */
import type { EvaluationColumns, OpenedEvaluation } from '../../../protocol/evaluation';

export type Outcome = 'all' | 'right' | 'wrong' | 'failed' | 'unlabeled' | 'suspect';

/** What a share of attention is of. */
export type Place = 'border' | 'box' | 'face' | 'mask';

export interface Query {
  readonly text: string;
  readonly outcome: Outcome;
  /** Index into the labels; null for any. */
  readonly label: number | null;
  /** Class; null for any. */
  readonly predicted: number | null;
  /** Code; null for any. */
  readonly warning: string | null;
  readonly sort: Sort;
  readonly descending: boolean;
}

export type Sort = 'place' | 'path' | 'label' | 'verdict' | 'confidence' | 'loss' | Place;

/** From what the summary counts to the pictures that it counts. */
export type Look = (change: Partial<Query>) => void;

export const EVERYTHING: Query = {
  ...{ text: '', outcome: 'all', label: null, predicted: null, warning: null },
  ...{ sort: 'place', descending: false },
};

/** Wrong verdicts, the largest loss first. */
export const WORST: Query = { ...EVERYTHING, outcome: 'wrong', sort: 'loss', descending: true };

/** What is looked up for each row rather than listed for each. */
export interface Lookup {
  readonly warnings: ReadonlyMap<number, readonly string[]>;
  readonly errors: ReadonlyMap<number, string>;
  readonly suspects: ReadonlySet<string>;
  readonly codes: readonly string[];
}

export function lookupOf({ columns, summary }: OpenedEvaluation): Lookup {
  return {
    warnings: new Map(columns.warnings),
    errors: new Map(columns.errors),
    suspects: new Set(summary.suspects?.first.map(({ path }) => path) ?? []),
    codes: [...new Set(columns.warnings.flatMap(([, codes]) => codes))].sort(),
  };
}

/**
 * Rows that fit, in order. What has no value to sort by comes last, whatever the direction; ties stay in the table's order.
 * @param layer index of the layer whose shares are sorted by; null for none
 */
export function rowsFor(
  { columns, classes }: OpenedEvaluation,
  lookup: Lookup,
  query: Query,
  layer: number | null,
): readonly number[] {
  const wanted = query.text.trim().toLowerCase();
  const { path, label, predicted } = columns;
  const fits = (row: number): boolean =>
    (query.label === null || label[row] === query.label) &&
    (query.predicted === null || predicted[row] === query.predicted) &&
    (query.warning === null || lookup.warnings.get(row)?.includes(query.warning) === true) &&
    isOutcome(columns, lookup, query.outcome, row) &&
    (wanted === '' || (path[row] ?? '').toLowerCase().includes(wanted));
  const rows = path.flatMap((_, row) => (fits(row) ? [row] : []));
  const key = keyOf(columns, classes, query.sort, layer);
  if (key === null) return query.descending ? rows.reverse() : rows;
  const keys = new Map(rows.map((row) => [row, key(row)]));
  const sign = query.descending ? -1 : 1;
  return rows.sort((a, b) => {
    const [one, other] = [keys.get(a) ?? null, keys.get(b) ?? null];
    if (one === null || other === null) return Number(one === null) - Number(other === null) || a - b;
    return sign * (one < other ? -1 : one > other ? 1 : 0) || a - b;
  });
}

function isOutcome(
  { correct, label, path }: EvaluationColumns,
  lookup: Lookup,
  outcome: Outcome,
  row: number,
): boolean {
  switch (outcome) {
    case 'all':
      return true;
    case 'right':
      return correct[row] === 1;
    case 'wrong':
      return correct[row] === 0;
    case 'failed':
      return lookup.errors.has(row);
    case 'unlabeled':
      return label[row] === -1;
    case 'suspect':
      return lookup.suspects.has(path[row] ?? '');
  }
}

type Key = (row: number) => number | string | null;

/** Null for the table's own order. */
function keyOf(
  { path, labels, label, predicted, confidence, loss, attention }: EvaluationColumns,
  classes: readonly string[],
  sort: Sort,
  layer: number | null,
): Key | null {
  switch (sort) {
    case 'place':
      return null;
    case 'path':
      return (row) => path[row] ?? null;
    case 'label':
      return (row) => labels[label[row] ?? -1] ?? null;
    case 'verdict':
      return (row) => classes[predicted[row] ?? -1] ?? null;
    case 'confidence':
      return (row) => confidence[row] ?? null;
    case 'loss':
      return (row) => {
        const value = loss[row] ?? null;
        return value === null || value === 'NaN' ? null : Number(value);
      };
    default: {
      const shares = layer === null ? null : (attention[layer]?.[sort] ?? null);
      return (row) => shares?.[row] ?? null;
    }
  }
}
