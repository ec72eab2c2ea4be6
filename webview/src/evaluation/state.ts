/** What the page knows of its evaluation, message by message. */
import type { EvaluationPicture } from '../../../protocol/evaluation';
import type { FromEvaluationPage, PicturesState, ToEvaluationPage } from '../../../protocol/evaluation-panel';
import type { Failure } from '../../../protocol/failure';
import { t } from '../l10n';

export type Send = (message: FromEvaluationPage) => void;

export type Opened = Extract<ToEvaluationPage, { type: 'opened' }>;
export type Now = Opened | Extract<ToEvaluationPage, { type: 'running' | 'stopped' }>;

/** A picture, or why there is none. */
export type Read = EvaluationPicture | string;

export interface PageState {
  /** Null until the extension has notice something. */
  readonly now: Now | null;
  readonly pictures: PicturesState;
  /** By row; of the layer that is shown. The oldest go. */
  readonly read: ReadonlyMap<number, Read>;
  readonly layer: number | null;
  readonly scores: { readonly class: number; readonly values: readonly (number | null)[] } | null;
  readonly problem: Failure | null;
  readonly notice: string | null;
}

export const nothing: PageState = {
  ...{ now: null, pictures: { is: 'unknown' }, read: new Map<number, Read>(), layer: null },
  ...{ scores: null, problem: null, notice: null },
};

/** Pictures that stay: 50 MB of them. */
const MOST_READ = 1000;

export type Event = ToEvaluationPage | { readonly type: 'layer'; readonly layer: number | null };

export function reduce(state: PageState, event: Event): PageState {
  switch (event.type) {
    case 'running':
    case 'stopped':
      return { ...nothing, now: event };
    case 'opened':
      return {
        ...nothing,
        now: event,
        pictures: event.pictures,
        layer: event.evaluation.columns.attention.length > 0 ? 0 : null,
      };
    case 'pictures':
      return { ...state, pictures: event.pictures, read: new Map() };
    case 'layer':
      return { ...state, layer: event.layer, read: new Map() };
    case 'picture': {
      if (event.layer !== state.layer) return state;
      const read = new Map(state.read);
      read.set(event.row, event.picture ?? event.failure ?? t('This picture could not be read.'));
      for (const row of read.keys()) {
        if (read.size <= MOST_READ) break;
        read.delete(row);
      }
      return { ...state, read };
    }
    case 'scores':
      return { ...state, scores: { class: event.class, values: event.scores } };
    case 'problem':
      return { ...state, problem: event.failure };
    case 'notice':
      return { ...state, notice: event.text, problem: null };
  }
}
