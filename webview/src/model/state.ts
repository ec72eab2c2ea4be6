/** What the page knows of its model, message by message. */
import type { Failure } from '../../../protocol/failure';
import type { ToModelPage } from '../../../protocol/model-panel';
import type { ModelFeeding, ModelRow, ModelStructure, WeightRow } from '../../../protocol/model-structure';
import { t } from '../l10n';

export interface ModelState {
  readonly structure: ModelStructure | null;
  readonly failure: Failure | null;
  readonly feeding: ModelFeeding | null;
  /** Why it cannot be analyzed. */
  readonly notFed: Failure | null;
  /** By the name of the tensor. */
  readonly weights: ReadonlyMap<string, WeightRow>;
  readonly reading: 'reading' | 'stopped' | 'done';
  readonly weightsFailure: Failure | null;
}

export const nothing: ModelState = {
  ...{ structure: null, failure: null, feeding: null, notFed: null, weights: new Map<string, WeightRow>() },
  ...{ reading: 'reading', weightsFailure: null },
};

export function reduce(state: ModelState, message: ToModelPage): ModelState {
  switch (message.type) {
    case 'structure':
      return { ...nothing, structure: message.structure };
    case 'failed':
      return { ...nothing, failure: message.failure };
    case 'feeding':
      return { ...state, feeding: message.feeding };
    case 'notFed':
      return { ...state, notFed: message.failure };
    case 'weights': {
      const weights = new Map(state.weights);
      for (const row of message.rows) weights.set(row.path, row);
      return { ...state, weights, reading: 'reading' };
    }
    case 'weightsEnd':
      return {
        ...state,
        reading: message.stopped || message.failure !== null ? 'stopped' : 'done',
        weightsFailure: message.failure,
      };
  }
}

/** A row's name without the module that it lies in. */
export function shortName({ path, kind }: ModelRow): string {
  if (path === '') return t('model');
  const last = path.slice(path.lastIndexOf('.') + 1);
  return kind === 'module' || last !== '' ? last : path;
}

/** Modules that hold modules open; those with tensors alone are closed, so that the shape of a network is seen first. */
export function firstOpen(rows: readonly ModelRow[]): ReadonlySet<string> {
  const MOST_OPEN = 2;
  return new Set(
    rows.filter(({ kind, depth }) => kind === 'module' && depth < MOST_OPEN).map(({ path }) => path),
  );
}

/** The rows in view: those whose modules are all open, or, of a search, those whose name has the text in it. */
export function visibleRows(
  rows: readonly ModelRow[],
  open: ReadonlySet<string>,
  search: string,
): readonly ModelRow[] {
  const wanted = search.trim().toLowerCase();
  if (wanted !== '') return rows.filter(({ path }) => path.toLowerCase().includes(wanted));
  const shown: ModelRow[] = [];
  /** Depth of the closed module that is being passed over. */
  let closed = Infinity;
  for (const row of rows) {
    if (row.depth > closed) continue;
    closed = row.kind === 'module' && !open.has(row.path) ? row.depth : Infinity;
    shown.push(row);
  }
  return shown;
}

/** Whether something lies in the module. */
export const hasParts = (rows: readonly ModelRow[], at: number): boolean =>
  (rows[at + 1]?.depth ?? 0) > (rows[at]?.depth ?? 0);
