/** Messages between the extension and the model view's page. */
import type { Failure } from './failure';
import type { ModelFeeding, ModelStructure, WeightRow } from './model-structure';

/** Extension -> page. */
export type ToModelPage =
  | { readonly type: 'structure'; readonly structure: ModelStructure }
  /** The file cannot be shown. */
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'feeding'; readonly feeding: ModelFeeding }
  /** It can be shown, but not analyzed. */
  | { readonly type: 'notFed'; readonly failure: Failure }
  | { readonly type: 'weights'; readonly rows: readonly WeightRow[] }
  /** No more rows come: all are read, or reading was stopped, or failed. */
  | { readonly type: 'weightsEnd'; readonly stopped: boolean; readonly failure: Failure | null };

/** Page -> extension. */
export type FromModelPage =
  /** The page is there, for the first time or again after it was hidden. */
  | { readonly type: 'ready' }
  | { readonly type: 'reload' }
  | { readonly type: 'analyze' }
  | { readonly type: 'import' }
  | { readonly type: 'stopWeights' }
  | { readonly type: 'readWeights' }
  | { readonly type: 'copy'; readonly text: string }
  | { readonly type: 'problem'; readonly message: string };
