/** Messages between the extension and the page that shows an evaluation. */
import type { EvaluationPicture, OpenedEvaluation } from './evaluation';
import type { Failure } from './failure';

/** Whether the pictures of a table may be read: those of one that this extension did not write itself only when the reader says so. */
export type PicturesState =
  | { readonly is: 'shown'; readonly root: string }
  /** `root` is what the evaluation says. */
  | { readonly is: 'asked'; readonly root: string }
  /** The evaluation does not say where they are. */
  | { readonly is: 'unknown' };

export interface ShownChart {
  readonly title: string;
  /** Address of the SVG for this page. */
  readonly address: string;
}

/** Extension -> page. */
export type ToEvaluationPage =
  /** `total` is 0 until the network is loaded. */
  | {
      readonly type: 'running';
      readonly name: string;
      readonly done: number;
      readonly total: number;
      readonly message: string;
    }
  /** Stopped by the user, who can resume it, or by a failure. */
  | { readonly type: 'stopped'; readonly name: string; readonly failure: Failure | null }
  | {
      readonly type: 'opened';
      readonly name: string;
      readonly evaluation: OpenedEvaluation;
      readonly charts: readonly ShownChart[];
      readonly notes: readonly string[];
      readonly pictures: PicturesState;
      /** It was made here, and can be made again. */
      readonly again: boolean;
    }
  | { readonly type: 'pictures'; readonly pictures: PicturesState }
  | {
      readonly type: 'picture';
      readonly row: number;
      readonly layer: number | null;
      /** Null where it could not be read, and `failure` says why. */
      readonly picture: EvaluationPicture | null;
      readonly failure: string | null;
    }
  | { readonly type: 'scores'; readonly class: number; readonly scores: readonly (number | null)[] }
  /** Something that was requested did not work; the page stays as it is. */
  | { readonly type: 'problem'; readonly failure: Failure }
  | { readonly type: 'notice'; readonly text: string };

/** Page -> extension. */
export type FromEvaluationPage =
  /** The page is there, for the first time or again after it was hidden. */
  | { readonly type: 'ready' }
  | { readonly type: 'cancel' }
  | { readonly type: 'resume' }
  /** Starts over, and replaces the evaluation in view. */
  | { readonly type: 'again' }
  /** Of the rows in view. Cancels what is still open of an earlier list. */
  | { readonly type: 'wantPictures'; readonly rows: readonly number[]; readonly layer: number | null }
  | { readonly type: 'showPictures' }
  | { readonly type: 'chooseRoot' }
  | { readonly type: 'wantScores'; readonly class: number }
  | { readonly type: 'openReport'; readonly row: number }
  | { readonly type: 'open'; readonly what: 'table' | 'summary' | 'folder' }
  | { readonly type: 'adopt' }
  | { readonly type: 'problem'; readonly message: string };
